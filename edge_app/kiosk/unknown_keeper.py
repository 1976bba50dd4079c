"""Keeps the faces of strangers, one entry each, in a thread of its own."""

import logging
import queue
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, PositiveFloat

from edge_app.core.config import Table
from edge_app.core.types import Face, Frame, FrameResult
from edge_app.core.worker import LoopWorker
from edge_app.enrolment.resemblance import SampleIdentifier, named
from edge_app.enrolment.selection import Collection
from edge_app.kiosk.grouping import Grouping
from edge_app.storage.events import kept_since
from edge_app.storage.gallery import NewSample
from edge_app.storage.unknown import UnknownPeople

ENOUGH_FACES = 3
"""Good pictures without which a stranger is not kept; as many as a name needs votes."""
_MOST_FACES = 8
"""Good pictures of a sighting that are waited for at most."""
_LOOK_EVERY_S = 0.4
_GONE_S = 10.0
"""A track that was not seen for so long does not come back: the kiosk gives it up much earlier."""


class UnknownSettings(Table):
    """Strangers whose faces are kept, so that somebody can say later who they are."""

    enabled: bool = False
    """false: nothing of a stranger's face is stored."""
    after_s: Annotated[float, Field(ge=2.0)] = 5.0
    """Seconds that a stranger must be in view, with three good pictures in them, to be kept."""
    keep: Annotated[int, Field(ge=1, le=200)] = 50
    """Strangers that are kept at most; who was not seen for longest goes first."""
    keep_days: PositiveFloat = 7.0
    """Days after which a stranger who did not come back is deleted, and so is a correction.

    That is the face of somebody who was given a wrong name ("Not X"), kept also where ``enabled``
    is false.
    """


@dataclass
class _Track:
    since: float
    last: float
    look_at: float
    collection: Collection | None
    """None for whom nothing is kept (any more): they had a name once, or were handed over."""


class StrangerFilter:
    """Watches the tracks that nobody has given a name.

    collect: makes a collection for a track. after_s: seconds that a stranger must be in view. A
    track that was given a name once is no stranger's, and what was kept of it is thrown away.
    """

    def __init__(self, collect: Callable[[], Collection], after_s: float) -> None:
        self._collect = collect
        self._after_s = after_s
        self._tracks: dict[int, _Track] = {}

    def observe(self, result: FrameResult) -> list[list[NewSample]]:
        """The faces of each stranger who by this frame was seen long and well enough."""
        now = result.frame.captured_at
        self._tracks = {
            number: track for number, track in self._tracks.items() if now - track.last <= _GONE_S
        }
        due = [face for face in result.faces if self._is_due(face, now)]
        return [faces for face in due if (faces := self._look(result.frame, face))]

    def _is_due(self, face: Face, now: float) -> bool:
        track = self._tracks.get(face.track_id)
        if track is None:
            track = self._tracks[face.track_id] = _Track(now, now, now, self._collect())
        track.last = now
        if face.identity is not None and face.identity.name is not None:
            track.collection = None
        return face.found and track.collection is not None and now >= track.look_at

    def _look(self, frame: Frame, face: Face) -> list[NewSample]:
        track, now = self._tracks[face.track_id], frame.captured_at
        if track.collection is None:
            return []
        track.look_at = now + _LOOK_EVERY_S
        if len(track.collection.samples) < _MOST_FACES:
            track.collection.offer(frame, [face.detection])
        faces = list(track.collection.samples)
        if now - track.since < self._after_s or len(faces) < ENOUGH_FACES:
            return []
        track.collection = None
        return faces


_log = logging.getLogger(__name__)

_FORGET_EVERY_S = 3600.0
_MAX_WAITING = 8
_LOOK_UP_EVERY_S = 1.0


class UnknownKeeper(LoopWorker):
    """Observes frames and keeps strangers whom the filter finds worth it.

    open_unknown: called in the keeper's thread, and what it puts on the stack is closed there.
    grouping: tells whether somebody was kept before. keep, keep_days: how many strangers are kept,
    and for how long after they were last seen. ``observe_frame`` never waits for the disk.
    """

    def __init__(
        self,
        open_unknown: Callable[[ExitStack], UnknownPeople],
        strangers: StrangerFilter,
        grouping: Grouping,
        *,
        keep: int,
        keep_days: float,
    ) -> None:
        super().__init__("unknown", failing="strangers not kept")
        self._open_unknown = open_unknown
        self._filter = strangers
        self._grouping = grouping
        self._keep = keep
        self._keep_days = keep_days
        self._waiting: queue.Queue[Sequence[NewSample]] = queue.Queue(_MAX_WAITING)
        self._enrolled: SampleIdentifier | None = None
        self._compared_with: SampleIdentifier | None = None
        self._forget_at = 0.0
        self._unknown: UnknownPeople | None = None

    def observe_frame(self, result: FrameResult) -> None:
        for faces in self._filter.observe(result):
            with suppress(queue.Full):  # the disk hangs; the stranger may come again
                self._waiting.put_nowait(faces)

    def use_identifier(self, identifier: SampleIdentifier | None) -> None:
        """People were enrolled or renamed: who is known now is no stranger any more."""
        self._enrolled = identifier

    def step(self) -> None:
        faces, enrolled = self._next(), self._enrolled
        unknown = self._unknown = self._unknown or self._open_unknown(self.opened)
        if faces:
            self._see(unknown, faces, enrolled)
        if enrolled is not self._compared_with:
            self._discard_known(unknown, enrolled)
            self._compared_with = enrolled
        if faces or time.monotonic() >= self._forget_at:
            self._forget(unknown)
            self._forget_at = time.monotonic() + _FORGET_EVERY_S

    def _next(self) -> Sequence[NewSample]:
        """The faces of the next stranger to keep, none after a second."""
        with suppress(queue.Empty):
            return self._waiting.get(timeout=_LOOK_UP_EVERY_S)
        return ()

    def _see(
        self, unknown: UnknownPeople, faces: Sequence[NewSample], enrolled: SampleIdentifier | None
    ) -> None:
        crops = [face.crop for face in faces]
        if enrolled is not None and named(crops, enrolled) is not None:
            return
        unknown.see(faces, self._grouping.number_of(crops, unknown))
        _log.info("a stranger was kept")

    def _discard_known(self, unknown: UnknownPeople, enrolled: SampleIdentifier | None) -> None:
        if enrolled is None:
            return
        for stranger in unknown.people():
            faces = unknown.faces(stranger.id)
            crops = [face.crop for face in faces if face.layout == "aligned"]
            if named(crops, enrolled) is not None:
                unknown.discard(stranger.id)
                _log.info("a stranger was discarded: enrolled meanwhile")

    def _forget(self, unknown: UnknownPeople) -> None:
        if count := unknown.forget(before=kept_since(self._keep_days), keep=self._keep):
            _log.info("old strangers deleted", extra={"strangers": count})
