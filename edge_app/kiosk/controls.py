"""What a page, a button or a script may ask of the running kiosk."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edge_app.bundle import loader
from edge_app.bundle.loader import Bundle
from edge_app.core.atomic import output_errors
from edge_app.core.errors import BundleError, ConfigError, RolloutError
from edge_app.core.types import EmotionClassifier
from edge_app.enrolment.aligning import landmark_finder
from edge_app.enrolment.gallery_identifier import identifier_builder, space_of
from edge_app.enrolment.gallery_watch import GalleryWatch
from edge_app.enrolment.session import EnrolmentSession
from edge_app.kiosk.loop import Kiosk
from edge_app.kiosk.recorder import SNAPSHOTS, save_snapshot
from edge_app.kiosk.settings import Settings
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.sources import PhoneLink
from edge_app.storage.gallery import Gallery
from edge_app.updates.report import Report
from edge_app.updates.rollback import Gate, Journal, Rollback, ServiceState
from edge_app.updates.store import ROLLBACK, BundleStore, Installed, StoreBundles
from edge_app.vision.live import LivePipeline, Pace
from edge_app.vision.parts import build_classifier, build_detector
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier

_MIB = 1 << 20
_CHANGE_S = 10.0
_LIVE_TABLES = ("detection", "emotions", "screen")
_LIVE_KEYS = (("identity", "false_accept_rate"),)
"""What of the settings may change while the kiosk runs, whole tables and single keys."""


@dataclass
class Controls:
    """Every method may be called from any thread; what they change is done between two frames.

    settings: those in use. enrolment and watch are None where identities are off, phone where the
    pictures come from elsewhere.
    """

    kiosk: Kiosk
    settings: Settings
    bundle: Bundle
    pipeline: LivePipeline
    folder: Path
    """Of the device's state."""
    enrolment: EnrolmentSession | None = None
    watch: GalleryWatch[PeopleIdentifier] | None = None
    phone: PhoneLink | None = None
    gate: Gate = field(default_factory=Gate)
    """When a bundle that was gone back to is kept."""

    def __post_init__(self) -> None:
        self._changing = threading.Lock()
        self._space = space_of(self.bundle, self.settings.recognition)

    def space(self) -> FaceSpace:
        """Of the bundle in use; read when it is first asked for."""
        return self._space()

    def enrol(self, name: str | None = None) -> None:
        """Begin to enrol who stands in front of the kiosk; ``kiosk.status.prompt`` says how it is.

        name: None for the next free one. Raises ConfigError where identities are off.
        """
        enrolment = self._required_enrolment()
        self.kiosk.ask(lambda: enrolment.press(name))

    def cancel(self) -> None:
        """Stop enrolling, if somebody is being enrolled."""
        enrolment = self._required_enrolment()
        self.kiosk.ask(enrolment.hold)

    def people_changed(self) -> None:
        """Have the gallery read now instead of within a second."""
        if self.watch is not None:
            self.watch.poke()

    def snapshot(self) -> Path:
        """Write the picture of now below the state's folder; returns the file.

        Raises CameraError while there is no live picture, OutputError where it cannot be written.
        """
        quota = self.settings.snapshots.quota_mib * _MIB
        return save_snapshot(self.kiosk.views.newest, self.folder / SNAPSHOTS, quota)

    def change(self, settings: Settings) -> None:
        """Put other settings to use at once, until the program ends; the file stays as it is.

        Raises ConfigError where something else than [detection], [emotions], [screen] and
        [identity] false_accept_rate differs: that needs the file and a restart.
        """
        with self._changing:
            before = self.settings
            if fixed := _first_fixed_difference(before, settings):
                raise ConfigError(f"{fixed} cannot change while the kiosk runs; edit the file")
            if _reading(settings) != _reading(before):
                classifier = _classifier(self.bundle, settings)
                self._between_frames(lambda: self.pipeline.use_classifier(classifier))
            if (pace := _pace(settings)) != _pace(before):
                self._between_frames(lambda: self.pipeline.use_pace(pace))
            if settings.screen != before.screen:
                annotator = FaceAnnotator(settings.screen.language)
                self._between_frames(lambda: self.kiosk.use_annotator(annotator))
            self.settings = settings
            if settings.identity != before.identity:
                self._build_identifier_anew()

    def roll_back(self, store: BundleStore) -> Installed:
        """Go back to the bundle before, in the store and at once in the running kiosk.

        Returns once so many frames were healthy with it. Raises BundleError where there is none, or
        where the kiosk does not thrive with it and is given the one in use again, and RolloutError
        while another one is being taken. See docs/decisions/0032 and 0044.
        """
        health = self.kiosk.status.health()
        if not health.live:
            raise BundleError(
                f"expected pictures, with which the bundle before is proved; {health.status}"
            )
        journal, kept = Journal(store.root / ROLLBACK), StoreBundles(store)
        with output_errors(store.root):
            Rollback(journal, _KioskHere(self, store), kept, self.gate).back().require()
        return next(each for each in store.installed() if each.current)

    def use_bundle(self, bundle: Bundle) -> None:
        """Exchange the one in use between two frames.

        Everything is loaded first, so that the picture waits for no more than the exchange. Raises
        what the bundle's parts raise, and TimeoutError where the loop hangs; the one in use stays
        in use then.
        """
        with self._changing:
            recognition = self.settings.recognition
            detector = build_detector(bundle, recognition)
            classifier = _classifier(bundle, self.settings)
            digest = loader.digest(bundle)

            def exchange() -> None:
                self.pipeline.use_models(detector, classifier)
                self.kiosk.report_bundle(digest)
                self.bundle, self._space = bundle, space_of(bundle, recognition)

            self._between_frames(exchange)
            self._build_identifier_anew()

    def identifier_builder(self) -> Callable[[Gallery], PeopleIdentifier | None]:
        """What makes an identifier with the bundle and the settings in use."""
        finder = landmark_finder(self.bundle, self.settings.recognition)
        rate = self.settings.identity.false_accept_rate
        return identifier_builder(self.space, rate, finder)

    def _build_identifier_anew(self) -> None:
        """Within a second, and not in this thread."""
        if self.watch is not None:
            self.watch.build_with(self.identifier_builder())

    def _between_frames(self, do: Callable[[], object]) -> None:
        """Have the loop do it, and wait.

        Raises TimeoutError where the loop hangs; it is not done later then.
        """
        asked = self.kiosk.ask(do)
        try:
            asked.result(_CHANGE_S)
        finally:
            asked.cancel()

    def _required_enrolment(self) -> EnrolmentSession:
        self.settings.identity.require()
        assert self.enrolment is not None  # there is one where identities are on
        return self.enrolment


class _KioskHere:
    """The kiosk of this process as the ``Service`` that takes the bundle in use of a store."""

    def __init__(self, controls: Controls, store: BundleStore) -> None:
        self._controls = controls
        self._store = store
        self._frames_before = 0

    def restart(self) -> None:
        controls, kiosk = self._controls, self._controls.kiosk
        if not kiosk.is_running:
            raise RolloutError("the kiosk has ended")
        try:
            bundle = self._store.load_current()
            assert bundle is not None  # it was just put there
            if loader.digest(bundle) != loader.digest(controls.bundle):
                controls.use_bundle(bundle)
        except Exception as error:  # whatever the files of a bundle bring about
            raise RolloutError(str(error) or "the kiosk does not answer") from error
        self._frames_before = kiosk.status.healthy_frames

    def state(self) -> ServiceState:
        kiosk = self._controls.kiosk
        running = kiosk.is_running
        return ServiceState(running, os.getpid(), int(not running), kiosk.status.line())

    def report(self) -> Report:
        health = self._controls.kiosk.status.health()
        return Report(
            pid=os.getpid(),
            bundle=loader.digest(self._controls.bundle),
            **health.model_dump(exclude={"healthy_frames"}),
            healthy_frames=health.healthy_frames - self._frames_before,
        )


def _pace(settings: Settings) -> Pace:
    return Pace.of(settings.detection, settings.emotions)


def _reading(settings: Settings) -> tuple[bool, bool]:
    """What the classifier is built by."""
    return settings.emotions.enabled, settings.emotions.unclear


def _classifier(bundle: Bundle, settings: Settings) -> EmotionClassifier | None:
    enabled, unclear = _reading(settings)
    return build_classifier(bundle, unclear=unclear) if enabled else None


def _first_fixed_difference(before: Settings, wanted: Settings) -> str | None:
    """The first key that differs and may not while the kiosk runs, as in "[source] input"."""
    for table, values in before:
        for key, value in values:
            is_live = table in _LIVE_TABLES or (table, key) in _LIVE_KEYS
            if not is_live and getattr(getattr(wanted, table), key) != value:
                return f"[{table}] {key}"
    return None
