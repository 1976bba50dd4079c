"""Ways in which a signed bundle can be damaged or forged. None of the results may be accepted."""

import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_app.bundle.loader import MANIFEST_FILE
from edge_app.bundle.signature import SIGNATURE_FILE
from export.sign import sign

SLIPS = ("../evil", "/etc/evil", "..", "a/../../evil", "sub/evil", "..\\evil", "./evil", "~x", "")


@dataclass(frozen=True)
class Bench:
    """What a corruption works with. bundle: the folder to damage; other: another version, signed by
    the same key. trusted, stranger: private keys. outside: a folder beside the bundle.
    """

    bundle: Path
    other: Path
    trusted: Path
    stranger: Path
    outside: Path

    def any_file(self, rng: random.Random) -> Path:
        return rng.choice(sorted(self.bundle.iterdir()))


Corruption = Callable[[Bench, random.Random], None]


def _rewrite(path: Path, content: bytes) -> None:
    """As a new file: the bundles share theirs by hard links."""
    path.unlink()
    path.write_bytes(content)


def bit_flip(bench: Bench, rng: random.Random) -> None:
    path = bench.any_file(rng)
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    _rewrite(path, bytes(content))


def truncation(bench: Bench, rng: random.Random) -> None:
    path = bench.any_file(rng)
    content = path.read_bytes()
    _rewrite(path, content[: rng.randrange(len(content))])


def inserted_bytes(bench: Bench, rng: random.Random) -> None:
    path = bench.any_file(rng)
    content = path.read_bytes()
    at = rng.choice((0, len(content), rng.randrange(len(content))))
    more = rng.choice((b"\n", b" ", b"\0", rng.randbytes(5)))
    _rewrite(path, content[:at] + more + content[at:])


def zeroed_block(bench: Bench, rng: random.Random) -> None:
    """What a card that dies gives back."""
    path = bench.any_file(rng)
    content = bytearray(path.read_bytes())
    start = rng.randrange(len(content))
    content[start : start + 512] = bytes(len(content[start : start + 512]))
    if bytes(content) == path.read_bytes():  # it was zero before
        content[start] = 1
    _rewrite(path, bytes(content))


def swapped_files(bench: Bench, rng: random.Random) -> None:
    first, second = rng.sample(sorted(bench.bundle.iterdir()), 2)
    kept = bench.outside / "kept"
    first.rename(kept)
    second.rename(first)
    kept.rename(second)


def renamed_file(bench: Bench, rng: random.Random) -> None:
    path = bench.any_file(rng)
    path.rename(path.with_name(rng.choice((path.name.upper() + "x", path.name + "~", ".hidden"))))


def missing_file(bench: Bench, rng: random.Random) -> None:
    bench.any_file(rng).unlink()


def unlisted_entry(bench: Bench, rng: random.Random) -> None:
    path = bench.bundle / rng.choice(("more", ".more", "emotion2.onnx"))
    kind = rng.randrange(4)
    if kind == 0:
        path.write_bytes(b"more")
    elif kind == 1:
        path.mkdir()
    elif kind == 2:
        os.mkfifo(path)
    else:
        path.symlink_to(rng.choice((bench.outside, bench.any_file(rng))))


def link_instead_of_file(bench: Bench, rng: random.Random) -> None:
    """To the very same content, which can be changed after the check."""
    path = bench.any_file(rng)
    path.rename(bench.outside / path.name)
    path.symlink_to(bench.outside / path.name)


def folder_instead_of_file(bench: Bench, rng: random.Random) -> None:
    path = bench.any_file(rng)
    path.unlink()
    path.mkdir()


def edited_manifest(bench: Bench, rng: random.Random) -> None:
    """One value changed, and the signature left as it was."""
    manifest = json.loads((bench.bundle / MANIFEST_FILE).read_text())
    _edit_somewhere(manifest, rng)
    _rewrite(bench.bundle / MANIFEST_FILE, json.dumps(manifest, indent=2).encode() + b"\n")


def _edit_somewhere(values: dict[str, Any], rng: random.Random) -> None:
    key = rng.choice(sorted(values))
    value = values[key]
    if isinstance(value, dict) and value:
        _edit_somewhere(value, rng)
    elif rng.random() < 0.2:
        del values[key]
    elif isinstance(value, list):
        values[key] = [*value[1:], value[0]]
    elif isinstance(value, str):
        values[key] = value + rng.choice("x0/")
    else:
        values[key] = 2 * value + 1 if isinstance(value, int | float) else "x"


def path_that_leads_elsewhere(bench: Bench, rng: random.Random) -> None:
    """Signed by one who may: a mistake, or a stolen key, must not write outside of the store."""
    manifest = json.loads((bench.bundle / MANIFEST_FILE).read_text())
    name = rng.choice(sorted(manifest["files"]))
    slip = rng.choice(SLIPS)
    manifest["files"][slip] = manifest["files"].pop(name)
    if slip == "../evil":
        (bench.bundle / name).rename(bench.bundle / slip)
    _rewrite(bench.bundle / MANIFEST_FILE, json.dumps(manifest).encode())
    sign(bench.bundle, bench.trusted)


def signed_by_a_stranger(bench: Bench, rng: random.Random) -> None:
    sign(bench.bundle, bench.stranger)


def signature_of_another_version(bench: Bench, rng: random.Random) -> None:
    _rewrite(bench.bundle / SIGNATURE_FILE, (bench.other / SIGNATURE_FILE).read_bytes())


def file_of_another_version(bench: Bench, rng: random.Random) -> None:
    """The manifest of the other version fits its signature, but is not this one's; or only it."""
    path = bench.bundle / rng.choice((MANIFEST_FILE, SIGNATURE_FILE))
    _rewrite(path, (bench.other / path.name).read_bytes())


CORRUPTIONS: tuple[Corruption, ...] = (
    bit_flip,
    truncation,
    inserted_bytes,
    zeroed_block,
    swapped_files,
    renamed_file,
    missing_file,
    unlisted_entry,
    link_instead_of_file,
    folder_instead_of_file,
    edited_manifest,
    path_that_leads_elsewhere,
    signed_by_a_stranger,
    signature_of_another_version,
    file_of_another_version,
)
