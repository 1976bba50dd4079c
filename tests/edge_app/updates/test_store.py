import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edge_app.core.errors import BundleError, InputMissingError, OutputError
from edge_app.updates import store as stores
from edge_app.updates.store import KEPT, BundleStore, bundle_in_use, default_store_folder
from edge_app.updates.verify import verify
from edge_app.vision.parts import DETECTORS, parts_in_use
from tests.bundles import SIGNER, Signer, signed_copy, with_wrong_answers

Version = Callable[[str], Path]


@pytest.fixture
def version(tiny_bundle: Path, signer: Signer, tmp_path: Path) -> Version:
    """A signed bundle of a version."""
    return lambda text: signed_copy(tiny_bundle, tmp_path / text, signer.key, version=text)


@pytest.fixture
def store(tmp_path: Path) -> BundleStore:
    return BundleStore(tmp_path / "store")


def versions(store: BundleStore) -> list[str]:
    return [installed.version for installed in store.installed()]


def in_use(store: BundleStore) -> str:
    bundle = store.load_current()
    assert bundle is not None
    return bundle.manifest.version


def test_nothing_is_installed_at_first(store: BundleStore) -> None:
    assert store.current() is None
    assert store.load_current() is None
    assert store.installed() == []


def test_an_installed_bundle_is_whole_in_use_and_ranked_by_its_measured_speed(
    store: BundleStore, tiny_bundle: Path, signer: Signer
) -> None:
    installed = store.install(tiny_bundle, signer.allowed)

    bundle = store.load_current()
    assert bundle is not None
    assert bundle.folder == store.current() != tiny_bundle
    assert {path.name for path in bundle.folder.iterdir()} == {
        path.name for path in tiny_bundle.iterdir()
    }
    assert installed.current
    assert installed.signer == SIGNER
    assert bundle.measured == tuple(installed.milliseconds)
    times = list(installed.milliseconds.values())
    assert times == sorted(times)
    assert store.installed() == [installed]


def test_a_refused_bundle_changes_nothing(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    store.install(version("1.0.0"), signer.allowed)
    bad = version("2.0.0")
    (bad / "emotion.onnx").write_bytes(b"bad")

    with pytest.raises(BundleError):
        store.install(bad, signer.allowed)

    assert in_use(store) == "1.0.0"
    assert versions(store) == ["1.0.0"]
    assert [path.name for path in (store.root / "bundles").glob(".*")] == []


def test_a_bundle_that_fails_on_this_device_changes_nothing(
    store: BundleStore, version: Version, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.install(version("1.0.0"), signer.allowed)

    def refuse(folder: Path, allowed_signers: Path | None) -> None:
        raise BundleError("golden samples differ")

    monkeypatch.setattr(stores, "verify", refuse)
    with pytest.raises(BundleError, match="golden samples differ"):
        store.install(version("2.0.0"), signer.allowed)

    assert in_use(store) == "1.0.0"
    assert len(list((store.root / "bundles").iterdir())) == 1


def test_no_such_bundle(store: BundleStore, signer: Signer, tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="expected a bundle"):
        store.install(tmp_path / "none", signer.allowed)


def test_files_that_differ_here_are_remembered_and_left_out(
    store: BundleStore, tiny_bundle: Path, tmp_path: Path
) -> None:
    bad = with_wrong_answers(tiny_bundle, tmp_path / "bad", "yunet.tflite", "emotion.onnx")

    installed = store.install(bad, None)

    assert set(installed.failed) == {"yunet.tflite", "emotion.onnx"}
    assert set(installed.milliseconds) == {
        "emotion.tflite", "yunet.onnx", "sface.tflite", "sface.onnx"
    }  # fmt: skip
    bundle = store.load_current()
    assert bundle is not None
    assert (bundle.failed, bundle.measured) == (installed.failed, tuple(installed.milliseconds))
    used = {part.role: part.file for part in parts_in_use(bundle)}
    assert (used["detector"], used["emotion"]) == ("yunet.onnx", "emotion.tflite")


def test_a_record_that_knows_of_no_failures_is_read(
    store: BundleStore, tiny_bundle: Path, signer: Signer
) -> None:
    """As the version before wrote it."""
    digest = store.install(tiny_bundle, signer.allowed).digest
    record = store.root / "installed" / f"{digest}.json"
    record.write_text(json.dumps({
        name: value for name, value in json.loads(record.read_text()).items() if name != "failed"
    }))  # fmt: skip

    (installed,) = store.installed()

    assert (installed.name, installed.failed) == ("tiny", ())


def test_the_last_bundles_are_kept(store: BundleStore, version: Version, signer: Signer) -> None:
    for number in range(KEPT + 2):
        store.install(version(f"1.0.{number}"), signer.allowed)

    assert versions(store) == ["1.0.4", "1.0.3", "1.0.2"]
    assert len(list((store.root / "bundles").iterdir())) == KEPT
    assert len(list((store.root / "installed").iterdir())) == KEPT


def test_what_cannot_be_taken_away_stops_no_install(
    store: BundleStore, version: Version, signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(KEPT):
        store.install(version(f"1.0.{number}"), signer.allowed)
    folder = store.root / "installed" / "a folder where files are"
    folder.mkdir()

    assert store.install(version("2.0.0"), signer.allowed).current
    assert "old bundles cannot be taken away ([Errno 21] Is a directory" in caplog.text
    assert in_use(store) == "2.0.0"

    folder.rmdir()
    store.install(version("2.1.0"), signer.allowed)
    assert len(list((store.root / "bundles").iterdir())) == KEPT
    assert len(list((store.root / "installed").iterdir())) == KEPT


def test_rollback_goes_back_one_by_one_and_ends(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    for text in ("1.0.0", "1.1.0", "1.2.0"):
        store.install(version(text), signer.allowed)

    assert [store.rollback().version, store.rollback().version] == ["1.1.0", "1.0.0"]
    assert in_use(store) == "1.0.0"
    with pytest.raises(BundleError, match="expected an earlier bundle"):
        store.rollback()
    assert in_use(store) == "1.0.0"


def test_rollback_to_a_digest_may_be_repeated(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    first = store.install(version("1.0.0"), signer.allowed)
    store.install(version("1.1.0"), signer.allowed)

    for _ in range(2):
        assert store.rollback(first.digest).version == "1.0.0"
    with pytest.raises(BundleError, match="expected the digest of an installed bundle"):
        store.rollback("../../etc")


def test_rollback_to_what_the_list_shows_of_a_digest(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    first = store.install(version("1.0.0"), signer.allowed)
    store.install(version("1.1.0"), signer.allowed)

    assert store.rollback(first.digest[:12]).version == "1.0.0"
    with pytest.raises(BundleError, match="found ''"):
        store.rollback("")


def test_after_a_rollback_the_way_back_leads_to_the_good_bundle(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    for text in ("1.0.0", "1.1.0"):
        store.install(version(text), signer.allowed)
    store.rollback()
    store.install(version("1.2.0"), signer.allowed)

    assert store.rollback().version == "1.0.0"


def test_rollback_refuses_a_damaged_bundle(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    first = store.install(version("1.0.0"), signer.allowed)
    store.install(version("1.1.0"), signer.allowed)
    (store.root / "bundles" / first.digest / "emotion.onnx").unlink()

    with pytest.raises(BundleError, match="is missing"):
        store.rollback()

    assert in_use(store) == "1.1.0"
    assert versions(store) == ["1.1.0", "1.0.0"]


def test_installing_again_repairs_a_damaged_bundle(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    bundle = version("1.0.0")
    digest = store.install(bundle, signer.allowed).digest
    (store.root / "bundles" / digest / "emotion.onnx").write_bytes(b"bad")
    with pytest.raises(BundleError, match="reconocias bundle rollback"):
        store.load_current()

    store.install(bundle, signer.allowed)

    assert in_use(store) == "1.0.0"


def test_installing_again_changes_neither_order_nor_count(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    first, second = version("1.0.0"), version("1.1.0")
    for bundle in (first, second, second):
        store.install(bundle, signer.allowed)

    assert versions(store) == ["1.1.0", "1.0.0"]
    assert store.rollback().version == "1.0.0"


def test_a_signature_that_comes_later_is_kept(
    store: BundleStore, tiny_bundle: Path, signer: Signer, tmp_path: Path
) -> None:
    unsigned = tmp_path / "unsigned"
    shutil.copytree(tiny_bundle, unsigned)
    (unsigned / "manifest.json.sig").unlink()
    assert store.install(unsigned, None).signer is None

    assert store.install(tiny_bundle, signer.allowed).signer == SIGNER

    current = store.current()
    assert current is not None
    assert verify(current, signer.allowed).signer == SIGNER


def test_links_in_the_bundles_path_are_followed(
    store: BundleStore, tiny_bundle: Path, signer: Signer, tmp_path: Path
) -> None:
    (tmp_path / "newest").symlink_to(tiny_bundle)

    assert store.install(tmp_path / "newest", signer.allowed).current


def test_remains_of_a_cut_are_swept_up(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    store.install(version("1.0.0"), signer.allowed)
    for name in (".incoming-1", ".discarded-2"):
        (store.root / "bundles" / name).mkdir()
        (store.root / "bundles" / name / "emotion.onnx").touch()
    (store.root / "bundles" / "unknown").mkdir()  # renamed, and cut before it was put to use

    store.install(version("1.1.0"), signer.allowed)

    assert len(list((store.root / "bundles").iterdir())) == 2


def test_a_lost_record_does_not_hide_a_bundle(
    store: BundleStore, tiny_bundle: Path, signer: Signer
) -> None:
    digest = store.install(tiny_bundle, signer.allowed).digest
    (store.root / "installed" / f"{digest}.json").write_text("{")

    assert in_use(store) == "1.0.0"
    assert [installed.name for installed in store.installed()] == ["unknown"]


@pytest.mark.parametrize("why", ["file", "full"])
def test_a_place_that_cannot_be_written(
    store: BundleStore,
    tiny_bundle: Path,
    signer: Signer,
    monkeypatch: pytest.MonkeyPatch,
    why: str,
) -> None:
    def no_space(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    if why == "file":
        store.root.write_text("")
    else:
        monkeypatch.setattr(shutil, "copyfile", no_space)

    with pytest.raises(OutputError, match="cannot be written"):
        store.install(tiny_bundle, signer.allowed)

    assert store.current() is None


def test_the_bundle_in_use_is_the_given_else_the_installed_else_the_packaged(
    tiny_bundle: Path, signer: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    assert default_store_folder() == tmp_path / "state" / "bundles"
    packaged = bundle_in_use(None)
    store = BundleStore(default_store_folder())

    store.install(tiny_bundle, signer.allowed)

    assert bundle_in_use(None).folder == store.current() != packaged.folder
    assert bundle_in_use(packaged.folder).folder == packaged.folder


def test_a_bundle_of_a_kind_that_there_is_not_is_refused_before_it_is_used(
    store: BundleStore, version: Version, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("1.0.0", "1.1.0"):
        store.install(version(number), signer.allowed)
    in_use_before = store.current()
    monkeypatch.delitem(DETECTORS, "haar")

    for use in (store.load_current, store.rollback, lambda: bundle_in_use(in_use_before)):
        with pytest.raises(
            BundleError, match=r"at detectors\.1\.kind, found 'haar'; update reconocias"
        ):
            use()
    assert store.current() == in_use_before


def test_the_files_of_a_bundle_are_readable_for_the_service(
    store: BundleStore, version: Version, signer: Signer
) -> None:
    bundle = version("1.0.0")
    for path in bundle.iterdir():
        path.chmod(0o600)
    previous = os.umask(0o022)
    try:
        store.install(bundle, signer.allowed)
    finally:
        os.umask(previous)

    current = store.current()
    assert current is not None
    assert {path.stat().st_mode & 0o777 for path in current.iterdir()} == {0o644}
