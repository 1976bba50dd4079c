"""``manifest.json``: everything about a bundle that is not a weight.

Label order, sizes, margins and thresholds are read from here and stand nowhere in code. What only
one kind of detector or identifier knows is in the spec beside it, in ``edge_app.vision``.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from packaging.specifiers import SpecifierSet
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    SerializeAsAny,
    StringConstraints,
    model_validator,
)

from edge_app.bundle.literals import Interpolation, Normalization, Runtime
from edge_app.core.labels import UNCLEAR

if TYPE_CHECKING:  # commands that look at no picture load neither NumPy nor OpenCV
    from edge_app.core.types import FloatArray

SCHEMA_VERSION: Final = 3
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


class Strict(BaseModel):
    """Frozen, and an unknown or missing field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FileEntry(Strict):
    """size: bytes."""

    size: PositiveInt
    sha256: Sha256


class CropSpec(Strict):
    """How a square is cut out around a face's landmarks (see ``vision.align.square``)."""

    size: PositiveInt
    """Pixels of the side of the square."""
    span: Annotated[float, Field(ge=1.0, le=6.0)]
    """Side of the square, in distances from the middle of the eyes to the middle of the mouth."""
    interpolation: Interpolation


class ModelFile(Strict):
    """One file with a network in it.

    tolerance: how far its answers may lie from the golden ones, in the network's own measure.
    """

    file: str
    runtime: Runtime
    precision: Precision
    tolerance: PositiveFloat


class NetworkSpec(Strict):
    """What a part that is a network has: the same network in several files."""

    golden: str
    """An .npz with ``inputs``, and under each model file's name the ``answers`` that it gave."""
    models: Annotated[tuple[ModelFile, ...], Field(min_length=1)]
    """In order of preference, where the device has not measured for itself."""

    @property
    @abstractmethod
    def input_shape(self) -> tuple[int | None, ...]:
        """Of one input; None where any size will do."""

    @property
    @abstractmethod
    def outputs(self) -> int:
        """Numbers in the last dimension of what comes of one input."""

    @abstractmethod
    def answers(self, outputs: "FloatArray") -> "FloatArray":
        """What is compared of a file's outputs for N inputs: (N, M)."""

    @abstractmethod
    def difference(self, found: "FloatArray", expected: "FloatArray") -> float:
        """How far answers (N, M) lie apart, at the worst; NaN or infinity for none that compare."""


def _no_reserved_label(labels: tuple[str, ...]) -> tuple[str, ...]:
    if UNCLEAR in labels:
        raise ValueError(
            f"expected labels of emotions, found {UNCLEAR!r}, which stands for a face that shows "
            "no clear one; give the label another name"
        )
    return labels


class ClearSpec(Strict):
    """When a face shows a clear emotion: when enough people would see the same one.

    The shares of people that the network expects are in proportion to scores**temperature * prior:
    what calibration took from them is put back. prior: one for each label; () is all alike.
    """

    share: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Of people who would see the one that most would see, from which on it is clear."""
    temperature: Annotated[float, Field(gt=0.0)] = 1.0
    prior: tuple[Annotated[float, Field(gt=0.0)], ...] = ()

    def margin(self, scores: Mapping[str, float]) -> float:
        """How far above the share a face is; negative below. scores: of every label, in order."""
        prior = self.prior or (1.0,) * len(scores)
        expected = [
            max(score, 0.0) ** self.temperature * often  # an 8-bit file may round below 0
            for score, often in zip(scores.values(), prior, strict=True)
        ]
        return max(expected) / max(sum(expected), 1e-12) - self.share


class EmotionSpec(NetworkSpec):
    """The network that reads emotions off faces, and its labels in the order of its outputs."""

    labels: Annotated[tuple[str, ...], Field(min_length=2), AfterValidator(_no_reserved_label)]
    clear: ClearSpec | None = None
    """None: every face shows a clear emotion."""
    crop: CropSpec
    normalization: Normalization

    @model_validator(mode="after")
    def _prior_is_of_the_labels(self) -> Self:
        if self.clear and len(self.clear.prior) not in (0, len(self.labels)):
            raise ValueError(
                f"expected a prior for each of {len(self.labels)} labels in clear, found "
                f"{len(self.clear.prior)}"
            )
        return self

    @property
    def input_shape(self) -> tuple[int, ...]:
        return (self.crop.size, self.crop.size, 1)

    @property
    def outputs(self) -> int:
        return len(self.labels)

    def answers(self, outputs: "FloatArray") -> "FloatArray":
        return outputs

    def difference(self, found: "FloatArray", expected: "FloatArray") -> float:
        """The largest of a score."""
        return float(abs(found - expected).max())


class Part(Strict, extra="allow"):
    """What there are several kinds of; the settings of a kind are for its own spec to read."""

    kind: str


class IdentifierPart(Part):
    """How people are recognised: what every kind has."""

    false_accept_rate: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Share of strangers that are named, unless the device's settings say otherwise."""


def _kinds_differ(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    kinds = [part.kind for part in parts]
    if len(set(kinds)) < len(kinds):
        raise ValueError(f"expected each kind once, found {', '.join(kinds)}")
    return parts


class Manifest(Strict):
    """The whole of manifest.json. metrics: figures measured on the exported files.

    detectors, identifiers: the ways to find faces and to recognise people that the bundle has files
    for, in order of preference.
    """

    schema_version: Literal[3]
    name: BundleName
    version: BundleVersion
    compatible: Annotated[str, AfterValidator(_specifiers)]
    """Versions of the runtime (the package reconocias) that can use it, as ">=0.1,<0.2"."""
    created: str
    git_commit: str
    emotion: EmotionSpec
    detectors: Annotated[
        tuple[SerializeAsAny[Part], ...], Field(min_length=1), AfterValidator(_kinds_differ)
    ]
    identifiers: Annotated[
        tuple[SerializeAsAny[IdentifierPart], ...],
        Field(min_length=1),
        AfterValidator(_kinds_differ),
    ]
    metrics: dict[str, float]
    files: dict[FileName, FileEntry]
