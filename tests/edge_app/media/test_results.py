import json
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.errors import OutputError
from edge_app.core.types import BBox, Detection, Emotion, Face, Frame, FrameResult, Identity
from edge_app.media.results import ResultsWriter, frame_record

FOUND = Detection(BBox(1, 2, 3, 4), 9.0)
FRAME = Frame(np.zeros((4, 4, 3), np.uint8), 42, 9.0)


def test_a_record_has_every_field_of_the_schema() -> None:
    face = Face(FOUND, 5, Identity("Begoña", 0.12345, 0.6), Emotion("happy", {"happy": 0.99999}))

    assert frame_record(FrameResult(FRAME, (face,)), "clip.mp4", 1.40004) == {
        "source": "clip.mp4",
        "frame": 42,
        "t": 1.4,
        "faces": [
            {
                "bbox": [1, 2, 3, 4],
                "landmarks": None,
                "turn": 0,
                "track": 5,
                "name": "Begoña",
                "distance": 0.1235,
                "threshold": 0.6,
                "emotion": "happy",
                "scores": {"happy": 1.0},
            }
        ],
    }


def test_an_emotion_that_is_not_clear_keeps_the_scores() -> None:
    face = Face(FOUND, 1, None, Emotion("unclear", {"happy": 0.4, "sad": 0.35}))
    (record,) = frame_record(FrameResult(FRAME, (face,)), "a", 0.0)["faces"]

    assert (record["emotion"], record["scores"]) == ("unclear", {"happy": 0.4, "sad": 0.35})


def test_what_was_not_asked_for_is_null() -> None:
    (face,) = frame_record(FrameResult(FRAME, (Face(FOUND, 1),)), "a", 0.0)["faces"]

    assert face["name"] is face["distance"] is face["emotion"] is face["scores"] is None


def test_lines_are_json_in_utf8(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path / "a.jsonl") as writer:
        writer.write({"name": "Íñigo"})
        writer.write({"name": None})
        writer.finish()

    text = (tmp_path / "a.jsonl").read_text(encoding="utf-8")
    assert "Íñigo" in text
    assert [json.loads(line)["name"] for line in text.splitlines()] == ["Íñigo", None]


def test_without_finish_nothing_is_left(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path / "a.jsonl") as writer:
        writer.write({})

    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="found a folder"), ResultsWriter(tmp_path):
        pass
