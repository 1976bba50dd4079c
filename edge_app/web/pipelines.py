"""Recognition of what does not come from the kiosk's camera: uploads and phones."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from edge_app.bundle.loader import Bundle
from edge_app.core.errors import PeopleError
from edge_app.core.types import ColorImage, Detection, Identifier, Picture
from edge_app.enrolment import health
from edge_app.enrolment.doubts import Doubt, doubt_about
from edge_app.enrolment.gallery_identifier import identifier_builder
from edge_app.enrolment.health import Finding
from edge_app.enrolment.photographs import the_face
from edge_app.enrolment.resemblance import likenesses
from edge_app.enrolment.selection import PHOTO_FACE_PX, FaceCollection, Refusal
from edge_app.kiosk.settings import Settings
from edge_app.media.annotators import FaceAnnotator
from edge_app.storage.gallery import Gallery, NewSample
from edge_app.storage.unknown import UnknownPeople
from edge_app.vision import align
from edge_app.vision.live import LivePipeline
from edge_app.vision.parts import build_detector, build_live_pipeline, build_pipeline
from edge_app.vision.pipeline import Pipeline
from edge_app.vision.recognition.identifier import FaceSpace


class InUse(Protocol):
    """Whoever knows what the kiosk runs with at present."""

    settings: Settings

    @property
    def bundle(self) -> Bundle: ...

    def space(self) -> FaceSpace: ...


class Pipelines:
    """Makes pipelines with the bundle, the settings and the people of the moment. For any thread.

    Raises what the bundle's parts raise.
    """

    def __init__(self, in_use: InUse, gallery: Gallery) -> None:
        self.in_use = in_use
        self._gallery = gallery
        self._lock = threading.Lock()
        self._identifier: Identifier | None = None
        self._revision = -1
        self._built_for: tuple[Path, float | None] | None = None
        self._checked: tuple[Path, int, list[Finding]] | None = None

    def live(self) -> LivePipeline:
        """For a camera that is no kiosk's."""
        settings = self.in_use.settings
        return build_live_pipeline(
            self.in_use.bundle,
            settings.detection,
            settings.emotions,
            settings.recognition,
            self.identifier(),
        )

    def recorded(self, *, still: bool) -> Pipeline:
        """For a file; still: a photograph."""
        settings = self.in_use.settings
        pipeline = build_pipeline(
            self.in_use.bundle,
            settings.recognition,
            emotions=settings.emotions.enabled,
            unclear=settings.emotions.unclear,
            still=still,
        )
        pipeline.identifier = self.identifier()
        return pipeline

    def annotator(self) -> FaceAnnotator:
        return FaceAnnotator(self.in_use.settings.screen.language)

    def identifier(self) -> Identifier | None:
        """Of the people enrolled now; None for nobody, or where identities are off."""
        bundle, identity = self.in_use.bundle, self.in_use.settings.identity
        if not identity.enabled:
            return None
        wanted = (bundle.folder, identity.false_accept_rate)
        with self._lock:
            if wanted != self._built_for:
                self._build = identifier_builder(self.in_use.space, identity.false_accept_rate)
                self._built_for, self._revision = wanted, -1
            revision = self._gallery.revision
            if revision != self._revision:
                self._identifier = self._build(self._gallery)
                self._revision = revision
            return self._identifier

    def sample(self, image: ColorImage, person_id: int | None = None) -> NewSample | Refusal:
        """The face of a photograph, uint8 (H, W, 3) BGR, or why it will not do.

        person_id: whose it is to become, if they have samples already.
        """
        picture = Picture(image)
        recognition = self.in_use.settings.recognition
        found = build_detector(self.in_use.bundle, recognition, still=True).detect(picture)
        try:
            face = the_face(found)
        except PeopleError:
            return Refusal.SEVERAL_FACES if found else Refusal.NO_FACE
        samples = [] if person_id is None else self._gallery.samples(person_id)
        known = [sample.crop for sample in samples if sample.layout == "aligned"]
        collection = FaceCollection("upload", known, smallest=PHOTO_FACE_PX)
        return collection.offer(picture, [face]) or collection.samples[0]

    def doubt(self, crops: Sequence[ColorImage], person_id: int | None = None) -> Doubt | None:
        """What speaks against giving samples, uint8 (160, 160, 3), to a person.

        person_id: None for somebody new.
        """
        person = None if person_id is None else self._gallery.person(person_id)
        rate = self.in_use.settings.identity.false_accept_rate
        return doubt_about(self._gallery, self.in_use.space, crops, person, rate)

    def findings(self) -> list[Finding]:
        """What is wrong with the people who are enrolled; looked for after each change of them."""
        now = (self.in_use.bundle.folder, self._gallery.revision)
        checked = self._checked
        if checked is None or checked[:2] != now:
            found = (
                health.check(self._gallery, self.in_use.space()) if self._gallery.people() else []
            )
            checked = self._checked = (*now, found)
        return checked[2]

    def likenesses(self, unknown: UnknownPeople) -> dict[int, str]:
        """The name of whom a stranger looks like, by the numbers of strangers who do."""
        if not (self._gallery.people() and unknown.people()):
            return {}
        return likenesses(self._gallery, unknown, self.in_use.space())

    def reject(self, person_id: int, picture: Picture, detection: Detection) -> None:
        """Remember that a face found in a picture is not this person's."""
        self._gallery.rejections.add(person_id, align.sample(picture, detection))
