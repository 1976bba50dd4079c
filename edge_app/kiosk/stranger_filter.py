"""Which strangers were seen for long enough and well enough to be kept.

No thread, no clock and no database: ``Lookout.observe`` is told what each frame shows.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge_app.core.types import Face, FrameResult, GrayImage
from edge_app.enrolment.selection import Collection
from edge_app.storage.gallery import NewSample
from edge_app.vision.preprocess import to_gray

ENOUGH_FACES = 3
"""Good pictures without which a stranger is not kept; as many as a name needs votes."""
_MOST_FACES = 8
"""Good pictures of a sighting that are waited for at most."""
_LOOK_EVERY_S = 0.4
_GONE_S = 10.0
"""A track that was not seen for so long does not come back: the kiosk gives it up much earlier."""


@dataclass
class _Track:
    since: float
    last: float
    look_at: float
    collection: Collection | None
    """None for whom nothing is kept (any more): they had a name once, or were handed over."""


class Lookout:
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
        if not due:
            return []
        gray = to_gray(result.frame.image)
        return [faces for face in due if (faces := self._look(gray, face, now))]

    def _is_due(self, face: Face, now: float) -> bool:
        track = self._tracks.get(face.track_id)
        if track is None:
            track = self._tracks[face.track_id] = _Track(now, now, now, self._collect())
        track.last = now
        if face.identity is not None and face.identity.name is not None:
            track.collection = None
        return face.found and track.collection is not None and now >= track.look_at

    def _look(self, gray: GrayImage, face: Face, now: float) -> list[NewSample]:
        track = self._tracks[face.track_id]
        if track.collection is None:
            return []
        track.look_at = now + _LOOK_EVERY_S
        if len(track.collection.samples) < _MOST_FACES:
            track.collection.offer(gray, [face.bbox])
        faces = list(track.collection.samples)
        if now - track.since < self._after_s or len(faces) < ENOUGH_FACES:
            return []
        track.collection = None
        return faces
