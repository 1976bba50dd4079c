"""The values that pass between the stages, and the protocols of the stages.

Everything here is immutable and free of behaviour that needs a model or a device, so that each
stage can be written and tested against these few lines.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Literal, Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.core.labels import UNCLEAR

GrayImage = NDArray[np.uint8]
"""uint8 (H, W), 0 black to 255 white."""

ColorImage = NDArray[np.uint8]
"""uint8 (H, W, 3), channels in OpenCV's order: blue, green, red."""

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)  # without slots: the grey picture is kept beside the fields
class Picture:
    """What the stages look at: in colour, and in grey. image: uint8 (H, W, 3) BGR."""

    image: ColorImage

    @cached_property
    def gray(self) -> GrayImage:
        """uint8 (H, W) by the weights of ITU-R BT.601; computed once, for whoever asks first."""
        return cv2.cvtColor(self.image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)

    @staticmethod
    def of_gray(gray: GrayImage) -> "Picture":
        """Of uint8 (H, W), which its grey picture equals again."""
        return Picture(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False))


@dataclass(frozen=True)
class Frame(Picture):
    """One picture of a source.

    index: 0 for the first frame of the source. captured_at: seconds, on a monotonic clock for live
    sources and from the start of the file for recorded ones.
    """

    index: int
    captured_at: float


@dataclass(frozen=True, slots=True)
class BBox:
    """A box in pixels of the full frame: origin top left, xmax and ymax excluded."""

    xmin: int
    ymin: int
    xmax: int
    ymax: int

    @property
    def width(self) -> int:
        return self.xmax - self.xmin

    @property
    def height(self) -> int:
        return self.ymax - self.ymin

    @property
    def area(self) -> int:
        return max(0, self.width) * max(0, self.height)

    def intersection(self, other: "BBox") -> int:
        """Pixels that lie in both."""
        return BBox(
            max(self.xmin, other.xmin),
            max(self.ymin, other.ymin),
            min(self.xmax, other.xmax),
            min(self.ymax, other.ymax),
        ).area

    def iou(self, other: "BBox") -> float:
        """Intersection over union, 0.0 to 1.0."""
        shared = self.intersection(other)
        union = self.area + other.area - shared
        return shared / union if union else 0.0


@dataclass(frozen=True, slots=True)
class Detection:
    """A face that was found.

    score: the detector's own measure of how sure it is, larger is surer; never a probability.
    landmarks: float32 (5, 2), x and y in pixels of the full frame, of the eyes, the tip of the nose
    and the corners of the mouth, the person's right ones first; None where the detector has none.
    turn: degrees clockwise by which the picture had to be turned for the face to be found in it.
    """

    bbox: BBox
    score: float
    landmarks: FloatArray | None = field(default=None, compare=False)
    turn: Literal[0, 90, 180, 270] = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a face is.

    name: None for a stranger. distance: to the nearest enrolled sample in the identifier's own
    space; it is a distance, never a probability. threshold: the largest distance that still names.
    person_id: the number of the person in the device's database, which a new name does not change;
    None for a stranger and for who is not from there. nearest: the name of the enrolled person who
    looks most like the face, however far that is; None where nobody says. embedding: float32 (K,),
    what was compared, in the identifier's own space; None where it is not handed on.
    """

    name: str | None
    distance: float
    threshold: float
    person_id: int | None = None
    nearest: str | None = None
    embedding: FloatArray | None = field(default=None, compare=False, repr=False)

    @property
    def margin(self) -> float:
        """How far inside (positive) or outside (negative) the threshold the face lies."""
        return self.threshold - self.distance


@dataclass(frozen=True, slots=True)
class Emotion:
    """The likeliest emotion, and the softmax score (0.0 to 1.0) of every label in bundle order.

    label: UNCLEAR where no emotion is clear; the scores stay.
    """

    label: str
    scores: Mapping[str, float]

    @classmethod
    def of(
        cls, scores: Mapping[str, float], clear: "Clearness | None" = None, slack: float = 0.0
    ) -> Self:
        """The likeliest label; UNCLEAR where it falls short of clear by more than ``slack``."""
        label = max(scores, key=scores.__getitem__)
        is_clear = clear is None or clear.margin(scores) >= -slack
        return cls(label if is_clear else UNCLEAR, scores)

    @property
    def is_clear(self) -> bool:
        return self.label != UNCLEAR

    @property
    def score(self) -> float:
        """Of the likeliest label, however unlikely that is."""
        return max(self.scores.values())


@dataclass(frozen=True, slots=True)
class Face:
    """One face of one frame. identity and emotion are None where that stage is switched off.

    found: False where it was not found in this frame and stands where it was a moment ago.
    """

    detection: Detection
    track_id: int
    identity: Identity | None = None
    emotion: Emotion | None = None
    found: bool = True

    @property
    def bbox(self) -> BBox:
        return self.detection.bbox


@dataclass(frozen=True, slots=True)
class FrameResult:
    """What the pipeline found in a frame. timings_ms: milliseconds spent in each stage."""

    frame: Frame
    faces: tuple[Face, ...]
    timings_ms: Mapping[str, float] = field(default_factory=dict)


class FrameSource(Protocol):
    """A place that frames come from. Opens on ``with``, releases on the way out."""

    name: str

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def __iter__(self) -> Iterator[Frame]: ...


class Detector(Protocol):
    """Finds faces."""

    def detect(self, picture: Picture) -> Sequence[Detection]:
        """The faces in a picture, largest first."""
        ...


class Identifier(Protocol):
    """Names faces."""

    def identify(self, picture: Picture, detection: Detection) -> Identity:
        """Who a face found in the picture is."""
        ...


class Clearness(Protocol):
    """Decides when a face shows a clear emotion."""

    def margin(self, scores: Mapping[str, float]) -> float:
        """How clear it is, 0 or more, or how far from that, below 0."""
        ...


class EmotionClassifier(Protocol):
    """Reads emotions off faces."""

    @property
    def labels(self) -> tuple[str, ...]:
        """In the order of the scores."""
        ...

    @property
    def clear(self) -> "Clearness | None":
        """When a face shows a clear emotion; None: always."""
        ...

    def classify(self, picture: Picture, detection: Detection) -> Emotion:
        """The emotion of a face found in the picture, by this one look at it."""
        ...


class Processor(Protocol):
    """A pipeline: says what is on a frame, and keeps what it knows between frames."""

    def process(self, frame: Frame) -> FrameResult: ...

    def forget(self) -> None:
        """Start anew: the next picture has nothing to do with the last one."""


class DividedProcessor(Processor, Protocol):
    """A pipeline whose frames may be searched elsewhere, in any order, and described here."""

    @property
    def detector(self) -> Detector: ...

    def describe(self, frame: Frame, found: Sequence[Detection]) -> FrameResult:
        """What is on a frame of which the faces are known, in the order of the frames."""
        ...
