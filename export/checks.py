"""What would make an export fail, found before the minutes of conversion."""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from edge_app.bundle.loader import MANIFEST_FILE
from edge_app.bundle.manifest import BundleName, BundleVersion
from export.basis import check_eigenfaces
from export.sign import check_key
from training.datasets.fer2013 import TEST_SPLITS
from training.datasets.label_sets import LabelledFaces


def check_before(
    run: Path,
    faces: LabelledFaces,
    name: str,
    version: str,
    output: Path,
    people: Path | None,
    key: Path | None,
) -> None:
    """Look at what ``package`` is given; run: the run's folder.

    Raises ValueError for a name or version that no manifest takes, and an ``output`` that holds
    something else than a bundle; DataError for faces without a test split; SigningError; and what
    ``check_eigenfaces`` raises.
    """
    for what, kind, value in (("name", BundleName, name), ("version", BundleVersion, version)):
        try:
            TypeAdapter(kind).validate_python(value)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise ValueError(
                f"expected the {what} of a bundle, found {value!r}: {reason}"
            ) from error
    if output.exists() and not _is_bundle(output):
        raise ValueError(
            f"{output}: expected a new folder, an empty one or a bundle to replace, found another"
        )
    for split in TEST_SPLITS:
        faces.split(split)
    if people is None:
        check_eigenfaces(run)
    if key is not None:
        check_key(key)


def _is_bundle(folder: Path) -> bool:
    """That nothing but an earlier bundle, of whatever version, would be lost with the folder."""
    if not folder.is_dir():
        return False
    manifest = folder / MANIFEST_FILE
    if not manifest.is_file():
        return not any(folder.iterdir())
    try:
        written = json.loads(manifest.read_bytes())
    except ValueError:
        return False
    return isinstance(written, dict) and {"schema_version", "files"} <= written.keys()
