import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from edge_app.core.errors import StateError
from edge_app.core.types import Detection, Identifier, Identity, Picture
from edge_app.enrolment.gallery_watch import GalleryWatch
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State


class Names:
    """An identifier that holds the names it was built from."""

    def __init__(self, gallery: Gallery) -> None:
        self.names = [person.name for person in gallery.people()]

    def identify(self, picture: Picture, detection: Detection) -> Identity:
        return Identity(None, 1.0, 0.5)


class Users:
    def __init__(self) -> None:
        self.used: list[Identifier | None] = []
        self.threads: set[str] = set()

    def __call__(self, identifier: Identifier | None) -> None:
        self.used.append(identifier)
        self.threads.add(threading.current_thread().name)

    def until(self, count: int) -> Identifier | None:
        deadline = time.monotonic() + 5
        while len(self.used) < count:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return self.used[-1]


def test_a_change_by_another_connection_is_noticed(tmp_path: Path) -> None:
    users = Users()
    with (
        State(tmp_path) as other,
        GalleryWatch(
            lambda stack: Gallery(stack.enter_context(State(tmp_path))), Names, users, every_s=0.02
        ),
    ):
        assert users.until(1).names == []  # type: ignore[union-attr]
        gallery = Gallery(other)
        ana = gallery.add_person("Ana")
        assert users.until(2).names == ["Ana"]  # type: ignore[union-attr]
        gallery.rename(ana.id, "Eva")
        assert users.until(3).names == ["Eva"]  # type: ignore[union-attr]
        gallery.delete(ana.id)
        assert users.until(4).names == []  # type: ignore[union-attr]
        time.sleep(0.1)
    assert len(users.used) == 4  # and nothing is built without a change
    assert users.threads == {"gallery"}


def test_a_poke_is_quicker_than_the_next_look(tmp_path: Path) -> None:
    users = Users()
    with (
        State(tmp_path) as state,
        GalleryWatch(
            lambda stack: Gallery(stack.enter_context(State(tmp_path))), Names, users, every_s=60.0
        ) as watch,
    ):
        users.until(1)
        Gallery(state).add_person("Ana")
        watch.poke()
        users.until(2)


def test_another_way_of_building_is_used_at_once(tmp_path: Path) -> None:
    users = Users()
    with GalleryWatch(
        lambda stack: Gallery(stack.enter_context(State(tmp_path))), Names, users, every_s=60.0
    ) as watch:
        users.until(1)
        watch.build_with(lambda gallery: None)
        assert users.until(2) is None


def test_what_was_built_for_a_bundle_that_is_gone_is_not_used(tmp_path: Path) -> None:
    users = Users()
    building, change = threading.Event(), threading.Event()

    def slow(gallery: Gallery) -> Identifier:
        building.set()
        change.wait(5)
        return Names(gallery)

    with GalleryWatch(
        lambda stack: Gallery(stack.enter_context(State(tmp_path))), slow, users, every_s=60.0
    ) as watch:
        building.wait(5)
        watch.build_with(lambda gallery: None)
        change.set()
        assert users.until(1) is None


def test_a_database_that_cannot_be_read_is_logged_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    users, broken = Users(), [True, True]

    def open_gallery(stack: ExitStack) -> Gallery:
        if broken:
            broken.pop()
            raise StateError("damaged")
        return Gallery(stack.enter_context(State(tmp_path)))

    with GalleryWatch(open_gallery, Names, users, every_s=0.02):
        users.until(1)
    assert "people not read" in caplog.text
