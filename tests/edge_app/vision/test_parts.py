import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge_app.bundle import loader
from edge_app.core.errors import BundleError
from edge_app.vision.parts import DETECTORS, load_bundle, networks
from edge_app.vision.recognition.methods import METHODS
from tests.bundles import edit_manifest
from training.recipe import DETECTOR, IDENTIFIERS

SPECS = [("detector", DETECTOR), *(("identifier", spec) for spec in IDENTIFIERS.values())]


@pytest.fixture
def folder(tiny_bundle: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, copy)
    return copy


def test_the_packaged_bundle_has_kinds_that_there_are() -> None:
    bundle = load_bundle()

    assert bundle == loader.load()
    assert networks(bundle) == [bundle.manifest.emotion]


def _change(part: str, **values: object) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest[part].update(values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            _change("detector", kind="eyes"),
            rf"one of {', '.join(DETECTORS)} at detector\.kind, found 'eyes'; update",
        ),
        (
            _change("identifier", kind="gait"),
            rf"one of {', '.join(METHODS)} at identifier\.kind, found 'gait'; update",
        ),
        (_change("detector", scale_factor=0.5), r"at detector\.scale_factor: Input should be"),
        (_change("detector", moving={"max_side": 400}), r"at detector\.moving\.min_face: Field"),
        (lambda manifest: manifest["detector"].pop("file"), r"at detector\.file: Field required"),
        (_change("identifier", components="all"), r"at identifier\.components: Input should be"),
        (_change("identifier", kind="lbph"), r"at identifier\.file: Extra inputs"),
        (_change("identifier", max_threshold=0), r"at identifier\.max_threshold: Input should be"),
    ],
    ids=["detector", "identifier", "value", "nested", "missing", "type", "other", "base"],
)
def test_a_part_that_does_not_fit_its_kind_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    edit_manifest(folder, change)

    with pytest.raises(BundleError, match=rf"manifest\.json: expected .*{message}"):
        load_bundle(folder)


@pytest.mark.parametrize(("part", "spec"), SPECS, ids=[spec.kind for _, spec in SPECS])
def test_every_kind_is_read_as_written_and_refuses_what_it_does_not_know(
    folder: Path, part: str, spec: Any
) -> None:
    written = spec.model_dump(mode="json")
    edit_manifest(folder, lambda manifest: manifest.update({part: written}))
    assert getattr(load_bundle(folder).manifest, part).model_dump(mode="json") == written

    edit_manifest(folder, _change(part, surprise=1))
    with pytest.raises(BundleError, match=rf"at {part}\.surprise: Extra inputs"):
        load_bundle(folder)


def test_the_recipe_makes_bundles_of_kinds_that_there_are() -> None:
    assert {spec.kind for _, spec in SPECS} <= DETECTORS.keys() | METHODS.keys()
