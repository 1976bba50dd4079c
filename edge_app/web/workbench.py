"""Recognition of what does not come from the kiosk's camera: uploads and phones."""

import threading
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Protocol

from edge_app.annotate import FaceAnnotator
from edge_app.assembly import identifier_builder
from edge_app.bundle import Bundle
from edge_app.collect import FaceCollection
from edge_app.config import Settings
from edge_app.detect import HaarDetector
from edge_app.eigenfaces import load_basis
from edge_app.errors import PeopleError
from edge_app.gallery import Gallery, NewSample
from edge_app.identify import face_sample
from edge_app.live import LivePipeline, build_live_pipeline
from edge_app.people import the_face
from edge_app.pipeline import Pipeline, build_pipeline
from edge_app.preprocess import to_gray
from edge_app.types import BBox, ColorImage, Identifier


class HasSettings(Protocol):
    """Whoever knows the settings in use at present."""

    settings: Settings


class Workbench:
    """Makes pipelines that know the people enrolled at the moment. For any thread.

    Raises what the bundle's parts raise.
    """

    def __init__(self, bundle: Bundle, owner: HasSettings, gallery: Gallery) -> None:
        self._bundle = bundle
        self._owner = owner
        self._gallery = gallery
        self._build: Callable[[Gallery], Identifier | None] = identifier_builder(
            cache(partial(load_basis, bundle)), owner.settings.identity.false_accept_rate
        )
        self._lock = threading.Lock()
        self._identifier: Identifier | None = None
        self._revision = -1

    def live(self) -> LivePipeline:
        """For a camera that is no kiosk's."""
        return build_live_pipeline(self._bundle, self._owner.settings, self.identifier())

    def recorded(self, *, still: bool) -> Pipeline:
        """For a file; still: a photograph."""
        emotions = self._owner.settings.emotions.enabled
        pipeline = build_pipeline(self._bundle, emotions=emotions, still=still)
        pipeline.identifier = self.identifier()
        return pipeline

    def annotator(self) -> FaceAnnotator:
        return FaceAnnotator(self._owner.settings.screen.language)

    def identifier(self) -> Identifier | None:
        """Of the people enrolled now; None for nobody, or where identities are off."""
        if not self._owner.settings.identity.enabled:
            return None
        with self._lock:
            revision = self._gallery.revision
            if revision != self._revision:
                self._identifier = self._build(self._gallery)
                self._revision = revision
            return self._identifier

    def sample(self, image: ColorImage) -> NewSample | str:
        """The face of a photograph, uint8 (H, W, 3) BGR, or why it will not do: a key of texts."""
        gray = to_gray(image)
        boxes: Sequence[BBox] = self._detector().detect(gray)
        try:
            boxes = [the_face(boxes)]
        except PeopleError:
            return "one_person" if boxes else "no_face"
        collection = FaceCollection(self._bundle.manifest.identifier.crop, "upload")
        reason = collection.offer(gray, boxes)
        return f"photo_{reason}" if reason else collection.samples[0]

    def reject(self, person_id: int, image: ColorImage, bbox: BBox) -> None:
        """Remember that the face in the box of uint8 (H, W, 3) BGR is not this person's."""
        crop = face_sample(to_gray(image), bbox, self._bundle.manifest.identifier.crop)
        self._gallery.reject(person_id, crop)

    def _detector(self) -> HaarDetector:
        spec = self._bundle.manifest.detector
        return HaarDetector(self._bundle.path(spec.file), spec, spec.still)
