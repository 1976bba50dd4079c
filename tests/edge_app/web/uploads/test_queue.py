import asyncio
import io
import socket
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import pytest
from fastapi import HTTPException
from starlette.testclient import TestClient

from edge_app.media.video_writer import VideoWriter
from edge_app.web.app import create_app
from edge_app.web.server import Listening, WebServer
from edge_app.web.services import Services
from edge_app.web.uploads.queue import MAX_WAITING, Annotations, _rows
from edge_app.web.uploads.receiving import MAX_VIDEO_BYTES, receive
from tests.edge_app.conftest import scene
from tests.edge_app.web.test_people import ONE

FINISHED = ("done", "failed")


def video(path: Path, *, frames: int = 12, size: tuple[int, int] = (640, 480)) -> bytes:
    with VideoWriter(path, size=size, rate=Fraction(10)) as writer:
        for index in range(frames):
            writer.write(scene(1, size=size), index / 10)
        writer.finish()
    return path.read_bytes()


def send(client: TestClient, name: str, body: bytes) -> dict[str, object]:
    """The upload's record once it is finished."""
    answer = client.post("/api/annotations", params={"name": name}, content=body)
    assert answer.status_code == 202, answer.text
    record = answer.json()
    deadline = time.monotonic() + 60
    while record["phase"] not in FINISHED:
        assert time.monotonic() < deadline, record
        time.sleep(0.05)
        record = client.get(f"/api/annotations/{record['id']}").json()
    return record


def uploads(services: Services) -> list[Path]:
    return list((services.controls.folder / "uploads").rglob("*"))


def test_a_photo_comes_back_annotated_with_its_results(client: TestClient) -> None:
    record = send(client, "fiesta.png", ONE)
    base = f"/api/annotations/{record['id']}"

    assert (record["phase"], record["kind"], record["frames"]) == ("done", "photo", 1)
    file = client.get(f"{base}/file")
    assert file.content[:2] == b"\xff\xd8"
    assert file.headers["content-disposition"] == 'attachment; filename="fiesta.annotated.jpg"'
    (frame,) = client.get(f"{base}/results.json").json()
    assert (frame["source"], len(frame["faces"])) == ("fiesta.png", 1)
    head, line = client.get(f"{base}/results.csv").text.splitlines()
    assert head.startswith("frame,t,track,name,distance,threshold,emotion,score,xmin")
    assert line.split(",")[6] == frame["faces"][0]["emotion"]


@pytest.mark.parametrize(
    ("emotion", "scores", "score"),
    [("sad", {"happy": 0.1, "sad": 0.9}, 0.9), ("unclear", {"happy": 0.4, "sad": 0.6}, 0.6),
     (None, None, None)],
)  # fmt: skip
def test_a_row_has_the_score_of_the_likeliest_emotion(
    emotion: str | None, scores: dict[str, float] | None, score: float | None
) -> None:
    who = dict.fromkeys(("track", "name", "distance", "threshold"))
    face = {**who, "emotion": emotion, "scores": scores, "bbox": [1, 2, 3, 4]}
    (row,) = _rows({"frame": 0, "t": 0.0, "faces": [face]})
    assert row[6:8] == [emotion, score]


def test_a_video_comes_back_annotated_and_is_deleted_when_asked(
    client: TestClient, services: Services, tmp_path: Path
) -> None:
    record = send(client, "clip.mov", video(tmp_path / "clip.mp4"))
    base = f"/api/annotations/{record['id']}"

    assert (record["phase"], record["frames"], record["total"]) == ("done", 12, 12)
    assert client.get(f"{base}/file").content[4:8] == b"ftyp"
    assert len(client.get(f"{base}/results.json").json()) == 12
    assert client.delete(base).status_code == 204
    assert client.get(base).status_code == 404
    assert uploads(services) == []


def huge_png(width: int, height: int) -> bytes:
    """A whole PNG of one bit per pixel, all black: small as a file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj()
    row = bytes(1 + (width + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(5_000_000))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "status", "reason"),
    [
        ("bomb.jpg", zip_bomb(), 422, "found something else"),
        ("huge.png", huge_png(30_000, 30_000), 422, "at most 40 million pixels"),
        ("cut.jpg", ONE[:20], 422, "expected a whole photo"),
        ("empty.jpg", b"", 422, "found an empty file"),
        ("page.jpg", b"<html><script>alert(1)</script>", 422, "found something else"),
        ("../../etc/cron.d/x", ONE, 422, "expected a plain file name"),
        ("..\\x.jpg", ONE, 422, "expected a plain file name"),
        (".bashrc", ONE, 422, "expected a plain file name"),
        ("a\nb.jpg", ONE, 422, "expected a plain file name"),
        ("clip.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(4000), 422, "expected a photo or a whole"),
    ],
)
def test_attacks_are_refused_and_leave_nothing(
    client: TestClient, services: Services, name: str, body: bytes, status: int, reason: str
) -> None:
    answer = client.post("/api/annotations", params={"name": name}, content=body)
    assert answer.status_code == status
    assert reason in answer.json()["detail"]
    assert str(services.controls.folder) not in answer.text
    assert uploads(services) in ([], [services.controls.folder / "uploads"])


def test_a_video_without_its_end_is_refused(
    client: TestClient, services: Services, tmp_path: Path
) -> None:
    whole = video(tmp_path / "clip.mp4", frames=60)
    cut = whole[: len(whole) * 2 // 3]
    answer = client.post("/api/annotations", params={"name": "clip.mp4"}, content=cut)
    assert answer.status_code == 422
    assert "expected a whole video, found damaged data" in answer.json()["detail"]
    assert [path for path in uploads(services) if path.is_file()] == []


def test_a_video_that_turns_out_damaged_says_so_and_leaves_nothing(
    client: TestClient, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_app.web.routes.annotations.check_video", lambda path: None)
    whole = video(tmp_path / "clip.mp4", frames=60)
    record = send(client, "clip.mp4", whole[: len(whole) * 2 // 3])
    assert record["phase"] == "failed"
    assert "found damaged data" in str(record["error"])
    assert "partial" not in str(record["error"])
    assert str(services.controls.folder) not in str(record["error"])
    answer = client.get(f"/api/annotations/{record['id']}/file")
    assert (answer.status_code, answer.json()["detail"]) == (409, record["error"])
    assert [path for path in uploads(services) if path.is_file()] == []


def test_a_body_of_a_gigabyte_is_refused_before_it_is_read(
    client: TestClient, services: Services
) -> None:
    declared = {"Content-Length": str(10**9)}
    answer = client.post(
        "/api/annotations", params={"name": "clip.mp4"}, content=b"x", headers=declared
    )
    assert answer.status_code == 413
    sent = 0

    def endless() -> "object":
        nonlocal sent
        for _ in range(1000):
            sent += 1_000_000
            yield bytes(1_000_000)

    answer = client.post("/api/annotations", params={"name": "clip.mp4"}, content=endless())  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert uploads(services) == []
    assert MAX_VIDEO_BYTES == 200_000_000


def test_uploads_wait_for_each_other_and_only_so_many(
    services: Services, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    monkeypatch.setattr("edge_app.media.annotate.annotate_source", lambda *_, **__: done.wait(30))
    try:
        statuses = [
            client.post("/api/annotations", params={"name": "a.jpg"}, content=ONE).status_code
            for _ in range(MAX_WAITING + 3)
        ]
    finally:
        done.set()
    assert statuses[0] == 202
    assert statuses[-1] == 429


def test_old_results_and_those_of_an_earlier_run_are_deleted(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_app.web.uploads.queue._LOOK_S", 0.05)
    now = 0.0
    folder = services.controls.folder / "other"
    (folder / "left").mkdir(parents=True)
    with Annotations(folder, services.pipelines, clock=lambda: now) as annotations:
        assert not folder.exists()
        with annotations.receiving() as home:
            upload = home / "upload.jpg"
            upload.write_bytes(ONE)
            number = annotations.add(upload, "a.jpg").id
        with annotations.receiving() as on_its_way:
            (folder / "nobodys").mkdir()
            gone_by_itself(folder / "nobodys")
            assert home.exists()
            assert annotations.find(number) is not None
            now = 4000.0
            assert annotations.find(number) is None
            gone_by_itself(home)
            assert on_its_way.exists()
        assert not on_its_way.exists()
    assert not folder.exists()


def gone_by_itself(folder: Path) -> None:
    deadline = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} is still there"
        time.sleep(0.02)


def test_an_upload_that_is_worked_on_for_too_long_is_deleted(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(*_: object, interrupted: Callable[[], bool], **__: object) -> None:
        begun.set()
        while not interrupted():
            time.sleep(0.01)
        ended.set()

    monkeypatch.setattr("edge_app.media.annotate.annotate_source", work)
    now = 0.0
    with Annotations(tmp_path / "uploads", services.pipelines, clock=lambda: now) as annotations:
        with annotations.receiving() as home:
            (home / "upload.jpg").write_bytes(ONE)
            annotations.add(home / "upload.jpg", "a.jpg")
        assert begun.wait(30)
        assert home.exists()
        now = 4000.0
        gone_by_itself(home)
        assert ended.wait(30)


@pytest.mark.parametrize(("limit", "pause_s"), [("MAX_SILENCE_S", 60.0), ("MAX_SENDING_S", 0.01)])
def test_a_sender_who_falls_silent_or_only_drips_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, pause_s: float
) -> None:
    monkeypatch.setattr(f"edge_app.web.uploads.receiving.{limit}", 0.05)

    async def drops() -> AsyncIterator[bytes]:
        for at in range(1000):
            yield ONE[at : at + 1]
            await asyncio.sleep(pause_s)

    with (
        ThreadPoolExecutor(1) as aside,  # a browser of other tests may have a loop in this thread
        pytest.raises(HTTPException, match="send it again") as said,
    ):
        aside.submit(lambda: asyncio.run(receive(drops(), tmp_path))).result()
    assert said.value.status_code == 408


def test_a_sender_who_hangs_up_leaves_nothing(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    uploads_folder = services.controls.folder / "uploads"
    with WebServer(create_app(services), Listening(port=0)) as server:
        host = server.address.removeprefix("http://")
        with socket.create_connection(tuple(host.split(":"))) as sender:  # type: ignore[arg-type]
            sender.sendall(
                b"POST /api/annotations?name=a.jpg HTTP/1.1\r\n"
                b"Host: %b\r\nContent-Length: 5000\r\n\r\n" % host.encode() + ONE[:1000]
            )
            deadline = time.monotonic() + 10
            while not list(uploads_folder.glob("*/upload")):
                assert time.monotonic() < deadline
                time.sleep(0.02)
        for folder in uploads_folder.glob("*"):
            gone_by_itself(folder)
    assert "Exception in ASGI application" not in caplog.text


def test_a_name_with_odd_letters_is_kept(client: TestClient) -> None:
    record = send(client, "año «23».jpg", ONE)
    assert record["name"] == "año «23».jpg"
