"""``manifest.json``: everything about a bundle that is not a weight.

Label order, sizes, margins and thresholds are read from here and stand nowhere in code.
"""

from typing import Annotated, Literal, Self

from packaging.specifiers import SpecifierSet
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    model_validator,
)

from edge_app.bundle.literals import Interpolation, Normalization, Runtime

SCHEMA_VERSION = 1
"""Raised whenever an older runtime could misread a newer manifest."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)
]
"""A plain name: nothing that leads to another folder, and nothing that a shell reads otherwise."""
BundleName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
BundleVersion = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
Precision = Literal["float32", "float16", "dynamic", "int8"]
"""Of the weights; ``dynamic`` has int8 weights and float32 values, ``int8`` has both in 8 bits."""


def _specifiers(text: str) -> str:
    """Raises InvalidSpecifier, a ValueError, for what is no version specifier (PEP 440)."""
    SpecifierSet(text)
    return text


class _Strict(BaseModel):
    """Frozen, and an unknown or missing field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FileEntry(_Strict):
    """size: bytes."""

    size: PositiveInt
    sha256: Sha256


class CropSpec(_Strict):
    """How a face is cut out of a frame and scaled (see preprocess.crop_square and resize)."""

    size: PositiveInt
    """Pixels of the side of the square."""
    margin: Annotated[float, Field(gt=-0.5, lt=2.0)]
    """Fraction of the box's side that is added to it."""
    interpolation: Interpolation


class ModelFile(_Strict):
    """One file with the emotion network in it.

    tolerance: largest absolute difference of a probability from the golden samples.
    """

    file: str
    runtime: Runtime
    precision: Precision
    tolerance: PositiveFloat


class EmotionSpec(_Strict):
    """models: in order of preference, where the device has not measured for itself."""

    labels: Annotated[tuple[str, ...], Field(min_length=2)]
    crop: CropSpec
    normalization: Normalization
    models: Annotated[tuple[ModelFile, ...], Field(min_length=1)]


class DetectionScale(_Strict):
    """How small a face is looked for, and so how long that takes."""

    max_side: PositiveInt
    """Pixels of the longer side that a picture is scaled down to before detection."""
    min_face: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Side of the smallest face that is looked for, as a fraction of the shorter side."""


class DetectorSpec(_Strict):
    """Haar cascade (Viola and Jones 2001; OpenCV's detectMultiScale)."""

    file: str
    scale_factor: Annotated[float, Field(gt=1.0)]
    min_neighbors: PositiveInt
    moving: DetectionScale
    """For video and cameras, where every millisecond counts."""
    still: DetectionScale
    """For photographs, where small faces in a group count."""


class LbpSpec(_Strict):
    """What is read off a face: histograms of local binary patterns (see ``lbp.py``)."""

    radii: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    """Pixels between a point and the eight that it is compared with, one pattern for each."""
    rows: PositiveInt
    columns: PositiveInt
    """Cells over the height and the width of the window, a histogram in each."""
    width: PositiveInt
    height: PositiveInt
    """Pixels of the window in the crop that is looked at."""
    lower: int
    """Pixels that the window's middle lies below the crop's."""


Method = Literal["eigenfaces", "fisherfaces", "lbph"]
"""Turk and Pentland 1991; Belhumeur et al. 1997; Ahonen et al. 2006."""


class IdentifierSpec(_Strict):
    """Eigenfaces as a fixed basis that enrolled faces are projected on, and what comes of it."""

    method: Method = "eigenfaces"
    """How people are told apart: in the basis, in a turn of it trained on the gallery, or without
    one, by histograms of local binary patterns (see ``recognition.py``)."""
    file: str
    crop: CropSpec
    """The face as it is stored, with room around it for copies that are shifted and turned."""
    features: LbpSpec | None = None
    """None: the grey values of the crop, as Turk and Pentland had it."""
    components: PositiveInt
    """How many of the file's eigenvectors are used, from the largest down."""
    copies: PositiveInt = 1
    """Disturbed copies of each enrolled sample (see ``jitter.py``), itself among them."""
    false_accept_rate: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Share of the strangers in the file that the threshold of a gallery lets in."""
    camera_gap: Annotated[float, Field(ge=0.0)] = 0.0
    """How much nearer a stranger before the gallery's own camera comes than one of the file."""
    max_threshold: PositiveFloat
    """Never name a face further away than this, however few people are enrolled."""

    @model_validator(mode="after")
    def _window_fits(self) -> Self:
        window = self.features
        if window is None:
            return self
        room = self.crop.size - 2 * abs(window.lower)
        if max(window.height, window.width) > room or min(window.width, window.height) <= 2 * max(
            window.radii
        ):
            raise ValueError(
                f"expected a window inside of the crop of {self.crop.size} pixels and larger than "
                f"its patterns, found {window.width}x{window.height}, {window.lower} lower"
            )
        return self


class Manifest(_Strict):
    """The whole of manifest.json. metrics: figures measured on the exported files."""

    schema_version: Literal[1]
    name: BundleName
    version: BundleVersion
    compatible: Annotated[str, AfterValidator(_specifiers)]
    """Versions of the runtime (the package reconocias) that can use it, as ">=0.1,<0.2"."""
    created: str
    git_commit: str
    emotion: EmotionSpec
    detector: DetectorSpec
    identifier: IdentifierSpec
    golden: str
    """An .npz with ``inputs``, and the outputs of each model file under the file's name."""
    metrics: dict[str, float]
    files: dict[FileName, FileEntry]
