"""What was found, as one JSON object per frame (docs/results.md has the schema)."""

import filecmp
import json
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edge_app.core.atomic import Unfinished, output_errors
from edge_app.core.types import Face, FrameResult


def frame_record(result: FrameResult, source: str, seconds: float) -> dict[str, Any]:
    """The JSON object of one frame. seconds: from the first frame of the source."""
    return {
        "source": source,
        "frame": result.frame.index,
        "t": round(seconds, 3),
        "faces": [face_record(face) for face in result.faces],
    }


def face_record(face: Face) -> dict[str, Any]:
    """The JSON object of one face in it."""
    identity, emotion, bbox = face.identity, face.emotion, face.bbox
    landmarks = face.detection.landmarks
    return {
        "bbox": [bbox.xmin, bbox.ymin, bbox.xmax, bbox.ymax],
        "landmarks": None if landmarks is None else landmarks.astype(float).round(1).tolist(),
        "turn": face.detection.turn,
        "track": face.track_id,
        "name": identity.name if identity else None,
        "distance": round(identity.distance, 4) if identity else None,
        "threshold": round(identity.threshold, 4) if identity else None,
        "emotion": emotion.label if emotion else None,
        "scores": {label: round(score, 4) for label, score in emotion.scores.items()}
        if emotion
        else None,
    }


def line(record: dict[str, Any]) -> str:
    """A record as JSON Lines have it."""
    return json.dumps(record, ensure_ascii=False) + "\n"


class ResultsWriter:
    """Writes JSON Lines; the file has its name only once ``finish`` was called.

    Each line is handed to the system at once, so that a program that is killed loses none.

    Leaving ``with`` without it throws the lines away. Raises OutputError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        self._unfinished = Unfinished(self.path)
        with output_errors(self.path):
            self._file = self._unfinished.working_path.open("w", encoding="utf-8", buffering=1)
        return self

    def write(self, record: dict[str, Any]) -> None:
        with output_errors(self.path):
            self._file.write(line(record))

    def says_the_same(self) -> bool:
        """Whether what was written stands in the file of that name already."""
        with output_errors(self.path):
            working = self._unfinished.working_path
            return self.path.exists() and filecmp.cmp(working, self.path, shallow=False)

    def finish(self, name: Path | None = None) -> Path:
        """Close the file and give it its name, or another one in the same folder."""
        with output_errors(self.path):
            self._file.close()
        return self._unfinished.finish(name)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # the disk may be full; what was left to write is thrown away
            self._file.close()
        self._unfinished.discard()
