"""``reconocias demo``: the sample media through the same commands that a user would type."""

import shutil
from fractions import Fraction
from functools import partial
from importlib import resources
from pathlib import Path

import cv2
import numpy as np

from edge_app.core.i18n import Language
from edge_app.core.progress import Progress
from edge_app.core.types import ColorImage
from edge_app.enrolment.folders import load_people
from edge_app.media import annotate
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.photo import read_photo, write_photo
from edge_app.media.sources import PhotoSource, VideoSource
from edge_app.media.video_writer import VideoWriter
from edge_app.samples.faces import drawn_face, tinted
from edge_app.vision.parts import build_detector, build_pipeline, load_bundle

_NAME = "Eileen Collins"
_STRANGER = 4
_CLIP_SIZE = (640, 480)
_CLIP_RATE = 25
_CLIP_SECONDS = 6


def run_demo(folder: Path, language: Language, progress: Progress) -> dict[str, Path]:
    """Write sample inputs and their annotated results below a folder; returns what is where.

    The portrait's person is enrolled from the portrait itself, the drawn face beside her is not.
    """
    people = folder / "people"
    portrait = people / _NAME / "portrait.jpg"
    portrait.parent.mkdir(parents=True, exist_ok=True)
    with resources.as_file(resources.files("edge_app.samples") / "astronaut.jpg") as sample:
        shutil.copyfile(sample, portrait)
    scene = _scene(read_photo(portrait))
    photo, clip = folder / "photo.png", folder / "clip.mp4"
    write_photo(photo, scene)
    _film(scene, clip)

    bundle = load_bundle()
    detector = build_detector(bundle, still=True)
    known = load_people(people, detector)
    annotator = FaceAnnotator(language)
    files = {
        "annotated photo": folder / "photo.annotated.png",
        "annotated video": folder / "clip.annotated.mp4",
        "results, one JSON object per frame": folder / "clip.results.jsonl",
    }
    annotated_photo, annotated_clip, results = files.values()
    build = partial(build_pipeline, bundle, people=known)
    still = partial(build, still=True)
    annotate.annotate_source(
        PhotoSource([photo], str(photo)), annotated_photo, still, annotator, progress
    )
    annotate.annotate_source(
        VideoSource(clip), annotated_clip, build, annotator, progress, results=results
    )
    return files


def _scene(portrait: ColorImage) -> ColorImage:
    """The portrait and a drawn stranger side by side."""
    height = portrait.shape[0]
    face = drawn_face(_STRANGER, side=height * 5 // 8, mood=0.9)
    above, beside = height - face.shape[0], (height - face.shape[1]) // 2
    stranger = cv2.copyMakeBorder(face, above, 0, beside, beside, cv2.BORDER_REPLICATE)
    return np.hstack([portrait, tinted(stranger.astype(np.uint8))])


def _film(scene: ColorImage, path: Path) -> None:
    """A clip that pans over a picture and back, closest half-way, and never leaves it."""
    frames = _CLIP_RATE * _CLIP_SECONDS
    with VideoWriter(path, size=_CLIP_SIZE, rate=Fraction(_CLIP_RATE)) as video:
        for index in range(frames):
            there = (1 - np.cos(2 * np.pi * index / frames)) / 2
            video.write(_view(scene, pan=there, zoom=1.0 + 0.2 * there), index / _CLIP_RATE)
        video.finish()


def _view(scene: ColorImage, *, pan: float, zoom: float) -> ColorImage:
    """What a camera sees of a scene. pan: 0.0 left end to 1.0 right end. zoom: 1.0 full height."""
    width, height = _CLIP_SIZE
    scale = zoom * height / scene.shape[0]
    left = pan * (scene.shape[1] * scale - width)
    top = (scene.shape[0] * scale - height) / 2
    matrix = np.array([[scale, 0.0, -left], [0.0, scale, -top]])
    view = cv2.warpAffine(scene, matrix, _CLIP_SIZE, flags=cv2.INTER_LINEAR)
    return view.astype(np.uint8, copy=False)
