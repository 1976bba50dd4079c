import json
from pathlib import Path

from edge_app.cli.demo import run_demo
from edge_app.core.progress import SILENT
from edge_app.media.photo import read_photo
from edge_app.media.sources import VideoSource


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
