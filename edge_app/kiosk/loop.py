"""The running kiosk: one loop that owns the pipeline, and what others may ask of it."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol, TypeVar

from edge_app.core.i18n import translate
from edge_app.core.mailbox import Mailbox
from edge_app.core.types import ColorImage, Face, Frame, FrameResult, Processor
from edge_app.enrolment.session import EnrolmentSession
from edge_app.kiosk.status import KioskStatus, RateMeter
from edge_app.kiosk.view import MAX_LIVE_AGE_S, View
from edge_app.kiosk.watchdog import Heartbeat
from edge_app.media.annotators import FaceAnnotator, no_signal_picture
from edge_app.media.sources import ReconnectingSource
from edge_app.updates.report import Reporter

_log = logging.getLogger(__name__)

_NO_SIGNAL_EVERY_S = 0.4
_BEFORE_STALE_S = 0.1
"""So much before the last picture is too old to be shown, the no-signal picture takes its place."""

_JOIN_S = 5.0

T = TypeVar("T")


class LiveProcessor(Processor, Protocol):
    """A pipeline that is also told when there is no picture."""

    def without_picture(self, now: float) -> None:
        """At ``now`` of the frames' clock there is still none."""
        ...


class Kiosk:
    """Takes the newest frame, processes it, shows it, and tells systemd so; and again.

    ``start`` runs the loop in a thread. Everything else may be called from any thread: what
    changes something is queued and done by the loop between two frames, and gives a Future.
    enrolment: enrols people, driven by the loop.
    While there is no picture, the loop shows one that says so, which nobody searches for faces: a
    missing camera is not taken for a hanging program.
    """

    def __init__(
        self,
        source: ReconnectingSource,
        pipeline: LiveProcessor,
        annotator: FaceAnnotator,
        *,
        size: tuple[int, int] = (640, 480),
        enrolment: EnrolmentSession | None = None,
        heartbeat: Heartbeat | None = None,
        reporter: Reporter | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.views: Mailbox[View] = Mailbox()
        self._source = source
        self._pipeline = pipeline
        self._annotator = annotator
        self._size = size
        self._enrolment = enrolment
        self._observers: list[Callable[[FrameResult], object]] = []
        self._heartbeat = heartbeat or Heartbeat()
        self._reporter = reporter
        self._clock = clock
        self._requests: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._meter = RateMeter()
        self._latency_ms = 0.0
        self._healthy_frames = 0
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="kiosk", daemon=True)

    @property
    def status(self) -> KioskStatus:
        """As of the last frame."""
        view = self.views.newest
        return view.status if view else self._status(())

    def add_observer(self, observe: Callable[[FrameResult], object]) -> None:
        """Have every frame of the camera told to somebody quick, in the loop. Before ``start``."""
        self._observers.append(observe)

    def use_annotator(self, annotator: FaceAnnotator) -> None:
        """To be called in the loop, through ``ask``."""
        self._annotator = annotator

    def report_bundle(self, digest: str) -> None:
        """Another bundle is in use now. To be called in the loop, through ``ask``."""
        if self._reporter:
            self._reporter.bundle = digest

    @property
    def is_running(self) -> bool:
        """Whether the loop goes on."""
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the loop after the present frame, and wait for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)

    def wait(self, timeout_s: float) -> bool:
        """Whether the loop ended within ``timeout_s``. Raises what ended it, if something did."""
        self._thread.join(timeout_s)
        if self._error is not None:
            raise self._error
        return not self._thread.is_alive()

    def ask(self, do: Callable[[], T]) -> "Future[T]":
        """Have the loop call ``do`` between two frames; its result or error is in the Future."""
        answer: Future[T] = Future()

        def work() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                answer.set_result(do())
            except Exception as error:  # handed over to the thread that asked
                answer.set_exception(error)

        self._requests.put(work)
        return answer

    def _run(self) -> None:
        try:
            with self._source:
                while not self._stop.is_set() and self._source.state.phase != "ended":
                    self._answer_requests()
                    self._step()
        except BaseException as error:  # handed over to the thread that waits
            _log.exception("the loop ended")
            self._error = error
        finally:
            self._heartbeat.stopping()

    def _answer_requests(self) -> None:
        while True:
            try:
                work = self._requests.get_nowait()
            except queue.Empty:
                return
            work()

    def _step(self) -> None:
        """One frame, or the no-signal picture while there is none."""
        frame = self._source.next(self._patience_s())
        if frame is None:
            self._pipeline.without_picture(self._clock())
            self._show(self._no_signal(), is_picture=False)
            return
        self._note_size(frame.image)
        result = self._pipeline.process(frame)
        self._measure(frame)
        for observe in self._observers:
            observe(result)
        if self._clock() - frame.captured_at > MAX_LIVE_AGE_S:  # it came late, or took long
            self._show(self._no_signal(), is_picture=False)
        else:
            self._show(result, is_picture=True)

    def _show(self, result: FrameResult, *, is_picture: bool) -> None:
        """To everybody: who enrols, who looks, systemd, and who replaces the bundle."""
        if self._enrolment is not None:
            self._enrolment.look(result)
        status = self._status(result.faces)
        self.views.put(View(result, status, self._annotator, is_picture))
        self._heartbeat.beat(status.line())
        if self._reporter:
            self._reporter.tell(status.health())

    def _patience_s(self) -> float:
        """How long to wait for a frame: no picture stands on the screen until it is too old."""
        view = self.views.newest
        if view is None or not view.is_picture:
            return _NO_SIGNAL_EVERY_S
        stale_at = view.result.frame.captured_at + MAX_LIVE_AGE_S - _BEFORE_STALE_S
        return max(0.0, stale_at - self._clock())

    def _no_signal(self) -> FrameResult:
        state = self._source.state
        language = self._annotator.language
        heading = translate("no_picture", language)
        image = no_signal_picture(self._size, (heading, state.name), state.reason)
        return FrameResult(Frame(image, 0, self._clock()), ())

    def _note_size(self, image: ColorImage) -> None:
        """The no-signal picture has the size of the last picture; another size ends all tracks."""
        size = (image.shape[1], image.shape[0])
        if size != self._size:
            _log.info("picture size", extra={"width": size[0], "height": size[1]})
            self._size = size
            self._pipeline.forget()

    def _measure(self, frame: Frame) -> None:
        now = self._clock()
        self._meter.add(now)
        self._latency_ms = (now - frame.captured_at) * 1e3
        self._healthy_frames += 1

    def _status(self, faces: Sequence[Face]) -> KioskStatus:
        names = (face.identity.name for face in faces if face.identity)
        return KioskStatus(
            source=self._source.state,
            rate=self._meter.rate(self._clock()),
            latency_ms=self._latency_ms,
            healthy_frames=self._healthy_frames,
            faces=len(faces),
            names=tuple(name for name in names if name),
            prompt=self._enrolment.prompt if self._enrolment else None,
        )
