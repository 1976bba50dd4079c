"""Who was seen with which emotion from when to when: one visit a stay, not one row a frame.

No clock, no thread and no database: ``VisitRecorder.observe`` is told what a frame shows and when.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edge_app.core.types import Face
from edge_app.storage.events import EmotionSpan, Visit


@dataclass
class _Open:
    """A visit that goes on. Times are those of the caller's steady clock."""

    key: int
    track_id: int
    started: float
    ended: float
    person_id: int | None = None
    spans: list[tuple[str, float]] = field(default_factory=list)
    """Emotions and since when each was shown."""
    candidate: tuple[str, float] | None = None
    changed: bool = True
    taken: bool = False
    joined: bool = False


class VisitRecorder:
    """Turns the faces of frames into visits.

    gap_s: seconds that somebody may be out of sight within one visit. shortest_s: a shorter visit
    is none, and a shorter emotion is no change. Somebody is a stranger until they are known, and
    then the whole visit is theirs. Who is known has a number in the device's database.
    """

    def __init__(self, *, gap_s: float = 5.0, shortest_s: float = 1.0) -> None:
        self._gap_s = gap_s
        self._shortest_s = shortest_s
        self._open: list[_Open] = []
        self._over: list[_Open] = []
        self._next_key = 1

    def observe(self, faces: Iterable[Face], now: float) -> None:
        """What a frame shows. now: seconds of a clock that never jumps."""
        for face in faces:
            visit = self._visit_of(face, now)
            visit.ended, visit.changed = now, True
            if face.emotion is not None:
                self._note_emotion(visit, face.emotion.label, now)
        self._close([visit for visit in self._open if now - visit.ended > self._gap_s])

    def take(self, now: float, wall: float) -> list[Visit]:
        """The visits that began, went on, ended or were joined since the last call, oldest first.

        now: of the clock that ``observe`` was given. wall: the same moment in seconds since 1970.
        """
        offset = wall - now
        news = []
        for visits, is_over in ((self._over, True), (self._open, False)):
            for visit in visits:
                if visit.changed and visit.ended - visit.started >= self._shortest_s:
                    news.append(self._visit(visit, offset, is_over=is_over))
                    visit.taken = True
                visit.changed = False
        self._over.clear()
        return sorted(news, key=lambda visit: visit.started_at)

    def finish(self) -> None:
        """End all visits: the program stops."""
        self._close(list(self._open))

    def _visit_of(self, face: Face, now: float) -> _Open:
        person = face.identity.person_id if face.identity else None
        visit = next((visit for visit in self._open if visit.track_id == face.track_id), None)
        if visit is not None and person is not None and visit.person_id != person:
            if visit.person_id is not None:  # the track is somebody else from here on
                self._close([visit])
                visit = None
            elif (earlier := self._of_person(person)) is not None:
                visit = self._join(earlier, visit)
            else:
                visit.person_id = person
        if visit is None and person is not None and (visit := self._of_person(person)) is not None:
            visit.track_id = face.track_id  # somebody who was out of sight for a moment
        if visit is None:
            visit = _Open(self._next_key, face.track_id, now, now, person)
            self._next_key += 1
            self._open.append(visit)
        return visit

    def _of_person(self, person_id: int) -> _Open | None:
        return next((visit for visit in self._open if visit.person_id == person_id), None)

    def _join(self, earlier: _Open, later: _Open) -> _Open:
        """A person's visit goes on where a stranger's began."""
        earlier.track_id = later.track_id
        earlier.started = min(earlier.started, later.started)
        earlier.spans = sorted(earlier.spans + later.spans, key=lambda span: span[1])
        earlier.candidate = later.candidate
        self._open.remove(later)
        if later.taken:
            later.joined = later.changed = True
            self._over.append(later)
        return earlier

    def _note_emotion(self, visit: _Open, label: str, now: float) -> None:
        if not visit.spans:
            visit.spans.append((label, now))
        if label == visit.spans[-1][0]:
            visit.candidate = None
        elif visit.candidate is None or visit.candidate[0] != label:
            visit.candidate = (label, now)
        elif now - visit.candidate[1] >= self._shortest_s:
            visit.spans.append(visit.candidate)
            visit.candidate = None

    def _close(self, visits: Sequence[_Open]) -> None:
        for visit in visits:
            visit.changed = True
            self._open.remove(visit)
            self._over.append(visit)

    def _visit(self, visit: _Open, offset: float, *, is_over: bool) -> Visit:
        ends = [*(since for _, since in visit.spans[1:]), visit.ended]
        return Visit(
            visit.key,
            visit.person_id,
            visit.track_id,
            visit.started + offset,
            visit.ended + offset,
            tuple(
                EmotionSpan(label, since + offset, until + offset)
                for (label, since), until in zip(visit.spans, ends, strict=False)
            ),
            is_over,
            visit.joined,
        )
