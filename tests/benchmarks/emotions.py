"""Emotions from a photograph on: found, placed and named, against what most people saw."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge_app.core.progress import Progress
from edge_app.core.types import ColorImage, GrayImage
from edge_app.media.annotate import annotate_source
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.photo import write_photo
from edge_app.media.sources import open_source
from edge_app.vision.parts import RecognitionSettings, build_pipeline, load_bundle
from training.datasets.fer2013 import Usage
from training.datasets.label_sets import load_for

_BORDER = 20
"""Pixels, in the face's mean colour."""
_ENLARGED = 4


@dataclass(frozen=True)
class Found:
    """Shares of all photographs. right: the largest face's likeliest emotion is the majority's.

    missed: no face was found. shown: a clear emotion was named; shown_right: of these.
    """

    photographs: int
    right: float
    missed: float
    shown: float
    shown_right: float


def measure(
    data: Path, split: Usage, count: int, bundle: Path | None, detector: str, progress: Progress
) -> Found:
    """As many faces that people agree on, evenly taken from a split, as photographs.

    Raises what ``load_bundle`` and ``load_for`` raise.
    """
    loaded = load_bundle(bundle)
    labels = loaded.manifest.emotion.labels
    agreed = load_for(labels, data).agreed(split)
    chosen = np.linspace(0, len(agreed) - 1, min(count, len(agreed))).round().astype(int)
    recognition = RecognitionSettings.model_validate({"detector": detector})
    with tempfile.TemporaryDirectory() as scratch:
        folder, results = Path(scratch) / "photographs", Path(scratch) / "results.jsonl"
        folder.mkdir()
        for index in chosen:
            write_photo(folder / f"{index:05}.png", photograph(agreed.images[index]))
        annotate_source(
            open_source(str(folder)), None, lambda: build_pipeline(loaded, recognition, still=True),
            FaceAnnotator(), progress, results=results,
        )  # fmt: skip
        lines = map(json.loads, results.read_text(encoding="utf-8").splitlines())
        faces = {int(Path(line["source"]).stem): line["faces"] for line in lines}
    named = [faces[index][0] if faces[index] else None for index in chosen]
    truth = [labels[label] for label in agreed.labels[chosen]]
    right = [
        one is not None and max(one["scores"], key=one["scores"].get) == label
        for one, label in zip(named, truth, strict=True)
    ]
    shown = [one is not None and one["emotion"] in labels for one in named]
    shown_right = sum(a and b for a, b in zip(right, shown, strict=True)) / max(1, sum(shown))
    missed = sum(one is None for one in named)
    count = len(chosen)
    return Found(count, sum(right) / count, missed / count, sum(shown) / count, shown_right)


def photograph(face: GrayImage) -> ColorImage:
    """A face, uint8 (48, 48), as a photograph of 352x352: a border around it, all enlarged."""
    wide = np.pad(face, _BORDER, constant_values=round(float(face.mean())))
    side = _ENLARGED * len(wide)
    large = cv2.resize(wide, (side, side), interpolation=cv2.INTER_CUBIC)
    return cv2.cvtColor(large, cv2.COLOR_GRAY2BGR).astype(np.uint8)
