import json
from pathlib import Path

from edge_app.demo import run_demo
from edge_app.photo import read_photo
from edge_app.progress import SILENT
from edge_app.sources import VideoSource


def test_demo_writes_what_it_says_and_knows_the_one_it_enrolled(tmp_path: Path) -> None:
    photo, clip, results = run_demo(tmp_path, "es", SILENT).values()

    assert read_photo(photo).shape == (512, 1024, 3)
    with VideoSource(clip) as source:
        assert source.size == (640, 480)
        frames = source.frame_count
    records = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    names = {face["name"] for record in records for face in record["faces"]}
    assert len(records) == frames
    assert names == {"Eileen Collins", None}
