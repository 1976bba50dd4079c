"""Puts the kiosk together as the settings describe it."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edge_app.bundle import loader
from edge_app.bundle.loader import Bundle
from edge_app.core.atomic import output_errors
from edge_app.core.errors import ConfigError, ReconociasError
from edge_app.enrolment.aligning import align_stored, landmark_finder
from edge_app.enrolment.doubts import doubt_about
from edge_app.enrolment.gallery_watch import GalleryWatch
from edge_app.enrolment.selection import FaceCollection
from edge_app.enrolment.session import EnrolmentSession
from edge_app.enrolment.state_machine import Known, NotSaved, Rules, Saved
from edge_app.kiosk.button import Button
from edge_app.kiosk.controls import Controls
from edge_app.kiosk.event_writer import EventWriter
from edge_app.kiosk.grouping import Grouping
from edge_app.kiosk.loop import Kiosk
from edge_app.kiosk.outlets import Outlet
from edge_app.kiosk.recorder import RECORDINGS, SNAPSHOTS, Recorder, discard_unfinished
from edge_app.kiosk.settings import Settings
from edge_app.kiosk.unknown_keeper import StrangerFilter, UnknownKeeper
from edge_app.kiosk.visits import VisitRecorder
from edge_app.media.annotators import FaceAnnotator
from edge_app.media.sources import (
    PHONE,
    PhoneLink,
    ReconnectingSource,
    SourceSettings,
    live_source,
)
from edge_app.media.sources.correction import correction
from edge_app.media.sources.reconnect import Backoff
from edge_app.storage.events import EventLog
from edge_app.storage.gallery import Gallery, NewSample
from edge_app.storage.state import State, state_folder
from edge_app.storage.unknown import UnknownPeople
from edge_app.updates.report import Reporter, runtime_folder
from edge_app.updates.rollback import Journal, forward_again
from edge_app.updates.store import (
    ROLLBACK,
    BundleStore,
    StoreBundles,
    bundle_in_use,
    default_store_folder,
)
from edge_app.vision.parts import build_live_pipeline, identifier_spec
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier

_MIB = 1 << 20

_log = logging.getLogger(__name__)


@contextmanager
def assembled(settings: Settings, bundle_folder: Path | None = None) -> Iterator[Controls]:
    """A kiosk that is not started; on the way out it is stopped, and what it wrote to is closed.

    Raises what the bundle's parts raise, ButtonError and ConfigError.
    """
    if bundle_folder is None:
        _go_forward_again(BundleStore(default_store_folder()))
    bundle = bundle_in_use(bundle_folder)
    with ExitStack() as stack:
        controls = _controls(stack, settings, bundle)
        _discard_unfinished(controls.folder)
        _write_events(stack, controls, _open_outlets(stack, controls))
        _record(stack, controls)
        _keep_to_the_gallery(stack, controls, _keep_strangers(stack, controls))
        _watch_the_button(stack, controls)
        stack.callback(controls.kiosk.stop)
        yield controls


def _controls(stack: ExitStack, settings: Settings, bundle: Bundle) -> Controls:
    """The kiosk without anybody who looks on, and what others may ask of it."""
    folder = state_folder(settings.state.directory)
    pipeline = build_live_pipeline(
        bundle, settings.detection, settings.emotions, settings.recognition
    )
    phone = _phone_link(settings)
    enrolling = None
    if settings.identity.enabled:
        identifier_spec(bundle, settings.recognition)  # what does not go together is said now
        enrolling = stack.enter_context(
            _enrolment_session(settings, folder, lambda: controls.space())
        )
    kiosk = Kiosk(
        _source(settings.source, phone),
        pipeline,
        FaceAnnotator(settings.screen.language),
        size=(settings.source.width, settings.source.height),
        enrolment=enrolling,
        reporter=Reporter(runtime_folder(), loader.digest(bundle)),
    )
    controls = Controls(kiosk, settings, bundle, pipeline, folder, enrolling, phone=phone)
    return controls


def _go_forward_again(store: BundleStore) -> None:
    """Where this kiosk died of an older bundle, or with it, before it was proved."""
    journal = Journal(store.root / ROLLBACK)
    try:
        with output_errors(store.root):
            outcome = forward_again(journal, StoreBundles(store)) if journal.begun() else None
    except ReconociasError as error:  # another kiosk is at it, or the disk is read-only
        _log.warning("bundle not gone back from", extra={"reason": str(error)})
        return
    if outcome is not None:
        _log.warning("bundle", extra={"result": outcome.result, "reason": outcome.reason})


def _phone_link(settings: Settings) -> PhoneLink | None:
    """Through which a phone is the kiosk's camera; None where another source is."""
    if settings.source.input != PHONE:
        return None
    if not settings.web.enabled:
        raise ConfigError(
            f'[source] input = "{PHONE}": expected the page, through which a phone lends its '
            "camera, found it off; set enabled = true below [web]"
        )
    return PhoneLink()


def _source(settings: SourceSettings, phone: PhoneLink | None) -> ReconnectingSource:
    longest_s = settings.retry_longest_s
    if phone is not None:
        longest_s = settings.retry_first_s  # waiting for a phone costs nothing, and it is soon seen
    return ReconnectingSource(
        live_source(settings, phone),
        stall_s=settings.stall_s,
        backoff=Backoff(settings.retry_first_s, longest_s),
        correct=correction(
            turn=settings.turn, mirror=settings.mirror, swap_red_blue=settings.swap_red_blue
        ),
    )


def _enrolment_session(
    settings: Settings, folder: Path, space: Callable[[], FaceSpace]
) -> EnrolmentSession:
    """space: of the bundle in use at the moment."""
    enrolment, rate = settings.enrolment, settings.identity.false_accept_rate

    def save(name: str | None, samples: Sequence[NewSample]) -> Saved | Known | NotSaved:
        with State(folder) as state:
            gallery = Gallery(state)
            crops = [sample.crop for sample in samples]
            doubt = doubt_about(gallery, space, crops, false_accept_rate=rate)
            if doubt is not None:
                return NotSaved(doubt.kind) if doubt.person is None else Known(doubt.person.name)
            return Saved(gallery.enrol(name or gallery.free_name(enrolment.name), samples).name)

    rules = Rules(
        countdown_s=enrolment.countdown_s,
        wanted=enrolment.samples,
        enough=enrolment.enough,
        limit_s=enrolment.limit_s,
        lost_s=enrolment.lost_s,
    )
    return EnrolmentSession(rules, FaceCollection, save)


def _discard_unfinished(folder: Path) -> None:
    """Pictures of people that a power cut left under names that no quota counts."""
    for name in (RECORDINGS, SNAPSHOTS):
        try:
            discarded = discard_unfinished(folder / name)
        except OSError as error:  # the kiosk runs all the same
            _log.warning("leftovers not deleted", extra={"reason": str(error)})
            continue
        if discarded:
            _log.info("leftovers deleted", extra={"folder": name, "files": len(discarded)})


def _open_outlets(stack: ExitStack, controls: Controls) -> dict[str, Outlet]:
    """The programs elsewhere that are told, by their names in the settings."""
    views = controls.kiosk.views
    return {
        name: stack.enter_context(settings.open(views))
        for name, settings in controls.settings.enabled_outlets().items()
    }


def _write_events(stack: ExitStack, controls: Controls, outlets: Mapping[str, Outlet]) -> None:
    """Visits go to the device's database, which is opened in the writer's own thread, and on."""
    events = controls.settings.events
    if not events.enabled:
        return
    writer = EventWriter(
        lambda opened: EventLog(opened.enter_context(State(controls.folder))),
        recorder=VisitRecorder(gap_s=events.gap_s, shortest_s=events.shortest_s),
        every_s=events.write_every_s,
        keep_days=events.keep_days,
        max_bytes=events.quota_mib * _MIB,
        outlets=outlets,
    )
    controls.kiosk.add_observer(stack.enter_context(writer).observe_frame)


def _record(stack: ExitStack, controls: Controls) -> None:
    """What is shown goes to video files."""
    recording = controls.settings.recording
    if not recording.enabled:
        return
    recorder = Recorder(
        controls.kiosk.views,
        controls.folder / RECORDINGS,
        segment_s=recording.segment_s,
        rate=recording.rate,
        max_bytes=recording.quota_mib * _MIB,
    )
    stack.enter_context(recorder)


def _keep_strangers(stack: ExitStack, controls: Controls) -> UnknownKeeper | None:
    """The faces of who might be enrolled later go to the database; None where nobody's do."""
    settings = controls.settings
    if not (settings.identity.enabled and settings.unknown.enabled):
        return None

    def open_unknown(opened: ExitStack) -> UnknownPeople:
        unknown = UnknownPeople(opened.enter_context(State(controls.folder)))
        align_stored(unknown, landmark_finder(controls.bundle, settings.recognition))
        return unknown

    keeper = UnknownKeeper(
        open_unknown,
        StrangerFilter(lambda: FaceCollection("unknown"), settings.unknown.after_s),
        Grouping(controls.space, lambda: controls.settings.identity.false_accept_rate),
        keep=settings.unknown.keep,
        keep_days=settings.unknown.keep_days,
    )
    controls.kiosk.add_observer(stack.enter_context(keeper).observe_frame)
    return keeper


def _keep_to_the_gallery(
    stack: ExitStack, controls: Controls, keeper: UnknownKeeper | None
) -> None:
    """Who is enrolled is named, also once that changes."""
    if not controls.settings.identity.enabled:
        return
    kiosk, pipeline = controls.kiosk, controls.pipeline

    def use(identifier: PeopleIdentifier | None) -> None:
        kiosk.ask(lambda: pipeline.use_identifier(identifier))
        if keeper is not None:
            keeper.use_identifier(identifier)

    controls.watch = stack.enter_context(
        GalleryWatch(
            lambda opened: Gallery(opened.enter_context(State(controls.folder))),
            controls.identifier_builder(),
            use,
        )
    )


def _watch_the_button(stack: ExitStack, controls: Controls) -> None:
    """Whoever presses it is enrolled, and its light says how that goes."""
    if controls.enrolment is None or not controls.settings.button.enabled:
        return
    button = Button(controls.settings.button, controls.enrol, controls.cancel)
    controls.enrolment.show_on(stack.enter_context(button).show)
