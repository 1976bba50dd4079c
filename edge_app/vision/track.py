"""Which face of this frame is which of the last one, and when the whole picture is searched."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_app.core.types import BBox

_MIN_IOU = 0.3
_PATIENCE_FRAMES = 15


@dataclass
class _Track:
    track_id: int
    bbox: BBox
    last_seen: int


def match_boxes(known: Sequence[BBox], found: Sequence[BBox]) -> dict[int, int]:
    """Which found box (its place) is which known one (its place): greedily, best overlap first.

    Boxes that overlap less than 0.3 (intersection over union) are no match.
    """
    overlaps = sorted(
        (
            (box.iou(before), index, place)
            for index, box in enumerate(found)
            for place, before in enumerate(known)
        ),
        reverse=True,
    )
    matches: dict[int, int] = {}
    taken: set[int] = set()
    for overlap, index, place in overlaps:
        if overlap >= _MIN_IOU and index not in matches and place not in taken:
            matches[index] = place
            taken.add(place)
    return matches


class IouTracker:
    """Gives each face a number that it keeps while its boxes overlap from frame to frame.

    Pairs are made greedily, best overlap first. A face that is missed for up to 15 frames gets its
    number back; numbers start at 1 and are never given twice.
    Source: Bochinski et al. 2017, "High-Speed Tracking-by-Detection Without Using Image
    Information".
    """

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._next_id = 1
        self._frame = 0

    def update(self, boxes: Sequence[BBox]) -> list[int]:
        """The track number of every box of the next frame, in the same order."""
        self._frame += 1
        self._tracks = [
            track for track in self._tracks if self._frame - track.last_seen <= _PATIENCE_FRAMES
        ]
        matches = match_boxes([track.bbox for track in self._tracks], boxes)
        before = {index: self._tracks[place] for index, place in matches.items()}
        return [self._keep(before.get(index), box) for index, box in enumerate(boxes)]

    @property
    def numbers(self) -> set[int]:
        """Of the faces that may still come back."""
        return {track.track_id for track in self._tracks}

    def renumber(self, track_id: int) -> int:
        """A number of its own for a face that turned out to be another person's."""
        (track,) = (track for track in self._tracks if track.track_id == track_id)
        track.track_id = self._next_id
        self._next_id += 1
        return track.track_id

    def _keep(self, track: _Track | None, box: BBox) -> int:
        if track is None:
            track = _Track(self._next_id, box, self._frame)
            self._next_id += 1
            self._tracks.append(track)
        track.bbox = box
        track.last_seen = self._frame
        return track.track_id


class SearchSchedule:
    """Every ``every_s`` seconds, or more seldom: a search takes at most ``share`` of the time.

    A slow device so gets its picture as fast as it can follow the known faces, and new faces a
    little later. Has no clock of its own: the caller says what time it is, in seconds.
    """

    def __init__(self, every_s: float, share: float) -> None:
        self._every_s = every_s
        self._share = share
        self._due = float("-inf")
        self._earliest = float("-inf")

    def due(self, now: float) -> bool:
        return now >= self._due

    def searched(self, now: float, took_s: float) -> None:
        """A search that began at ``now`` took so long."""
        self._earliest = now + took_s / self._share
        self._due = max(self._earliest, now + self._every_s)

    def hurry(self) -> None:
        """A face was lost: search again as soon as the share of the time allows it."""
        self._due = self._earliest
