"""Bundles that are better or worse, and pushing them to machines."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.bundles import Signer, edit_manifest, make_signer, signed_copy
from tests.system.testbed.machine import Machine
from tests.system.testbed.provisioned import DEPLOY, environment


@dataclass(frozen=True)
class Pushed:
    """How a push ended. rows: of the table, result and reason by host."""

    code: int
    rows: dict[str, tuple[str, str]]
    said: str


class Bundles:
    """Variants of a bundle, made in a folder when they are asked for."""

    def __init__(self, folder: Path, first: Path, signer: Signer) -> None:
        self.first = first
        self._folder = folder
        self._signer = signer

    def better(self, version: str = "0.9.0") -> Path:
        """The same models under another version."""
        return signed_copy(self.first, self._folder / version, self._signer.key, version=version)

    def by_a_stranger(self) -> Path:
        keys = self._folder / "stranger-keys"
        keys.mkdir()
        stranger = make_signer(keys, "stranger@example.org")
        target = self._folder / "stranger"
        return signed_copy(self.first, target, stranger.key, version="0.9.1")

    def with_a_flipped_byte(self) -> Path:
        target = self._folder / "flipped"
        signed_copy(self.first, target, self._signer.key, version="0.9.2")
        model = target / "emotion.tflite"
        content = bytearray(model.read_bytes())
        content[len(content) // 2] ^= 1
        model.write_bytes(content)
        return target

    def for_another_runtime(self) -> Path:
        return self._changed("incompatible", lambda manifest: manifest.update(compatible=">=99"))

    def with_wrong_golden_samples(self) -> Path:
        target = self._folder / "wrong-golden"
        signed_copy(self.first, target, self._signer.key)
        path = target / "golden-emotion.npz"
        with np.load(path) as samples:
            arrays = {name: samples[name] for name in samples.files}
        for name in set(arrays) - {"inputs"}:
            arrays[name] = np.roll(arrays[name], 1, axis=1)
        np.savez(path, **arrays)
        return self._signed_again(target, "0.9.4")

    def too_slow_to_live(self) -> Path:
        """Verifies and passes its golden samples, but one search for faces takes minutes."""

        def crawl(manifest: dict[str, Any]) -> None:
            (haar,) = (one for one in manifest["detectors"] if one["kind"] == "haar")
            haar["scale_factor"] = 1.00001
            haar["moving"] = {"max_side": 4000, "min_face": 0.01}
            manifest["detectors"] = [haar]

        return self._changed("slow", crawl)

    def _changed(self, name: str, change: Callable[[dict[str, Any]], None]) -> Path:
        target = self._folder / name
        signed_copy(self.first, target, self._signer.key)
        edit_manifest(target, change)
        return self._signed_again(target, "0.9.3")

    def _signed_again(self, target: Path, version: str) -> Path:
        return signed_copy(
            target, target.with_name(f"{target.name}-signed"), self._signer.key, version=version
        )


def push_command(hosts: list[Machine], *arguments: str | Path) -> list[str]:
    return _command(*arguments, *(host.name for host in hosts))


def _command(*words: str | Path) -> list[str]:
    return [str(DEPLOY / "push.sh"), *map(str, words)]


def push(
    hosts: list[Machine],
    *arguments: str | Path,
    to: Sequence[str] | None = None,
    tools: Path | None = None,
) -> Pushed:
    """Run push.sh and read its table.

    to: hosts, in place of the machines' names. tools: folder whose programs are found first.
    """
    settings = environment(hosts[0])
    if tools is not None:
        settings["PATH"] = f"{tools}:{settings['PATH']}"
    done = subprocess.run(
        push_command(hosts, *arguments) if to is None else _command(*arguments, *to),
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Pushed(done.returncode, _rows(done.stdout), done.stdout)


def _rows(table: str) -> dict[str, tuple[str, str]]:
    """Columns are 24 and 12 wide, with a space between."""
    lines = table.splitlines()
    header = next((n for n, line in enumerate(lines) if line.startswith("host ")), len(lines))
    return {
        line[:24].strip(): (line[25:37].strip(), line[38:].strip()) for line in lines[header + 1 :]
    }


def version_on(machine: Machine) -> str:
    """Version of the bundle that the running service says it serves; it must be healthy."""
    status = json.loads(machine.ssh("reconocias rollout status --json", check=False))
    assert status["healthy"], status
    assert status["report"]["bundle"] == status["digest"]
    version: str = status["version"]
    return version
