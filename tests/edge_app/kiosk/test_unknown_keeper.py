import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from edge_app.core.errors import OutputError
from edge_app.core.types import Frame, FrameResult
from edge_app.kiosk.unknown_keeper import Grouping, StrangerFilter, UnknownKeeper
from edge_app.storage.gallery import NewSample
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from edge_app.vision.recognition.eigenfaces import BasisSpec, EigenfaceBasis
from edge_app.vision.recognition.identifier import FaceSample, identifier_of
from tests.edge_app.conftest import drawn_crop

MOODS = (-0.8, -0.3, 0.3, 0.8)
NOTHING = FrameResult(Frame(np.zeros((9, 9, 3), np.uint8), 0, 0.0), ())


@pytest.fixture
def unknown(tmp_path: Path) -> Iterator[UnknownPeople]:
    with State(tmp_path) as state:
        yield UnknownPeople(state)


def faces(basis: EigenfaceBasis, person: int) -> list[NewSample]:
    return [NewSample(drawn_crop(person, mood, basis.spec), 0.5, "unknown") for mood in MOODS]


class Seen(StrangerFilter):
    """Hands over what the test says, whatever is shown."""

    def __init__(self) -> None:
        self.next: list[list[NewSample]] = []

    def observe(self, result: FrameResult) -> list[list[NewSample]]:
        handed, self.next = self.next, []
        return handed


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def keeper(
    open_unknown: Callable[[ExitStack], UnknownPeople],
    lookout: StrangerFilter,
    basis: EigenfaceBasis,
    *,
    keep: int = 50,
    keep_days: float = 7.0,
) -> UnknownKeeper:
    grouping = Grouping(lambda: basis)
    return UnknownKeeper(open_unknown, lookout, grouping, keep=keep, keep_days=keep_days)


def show(worker: UnknownKeeper, lookout: Seen, *strangers: Sequence[NewSample]) -> None:
    lookout.next = [list(stranger) for stranger in strangers]
    worker.observe_frame(NOTHING)


def test_the_same_stranger_is_kept_once_and_another_beside_them(
    unknown: UnknownPeople, basis: EigenfaceBasis
) -> None:
    lookout = Seen()
    with keeper(lambda stack: unknown, lookout, basis) as worker:
        show(worker, lookout, faces(basis, 1))
        until(lambda: len(unknown.people()) == 1)
        show(worker, lookout, faces(basis, 1), faces(basis, 2))
        until(lambda: len(unknown.people()) == 2)
        show(worker, lookout, faces(basis, 2))
        until(lambda: sum(person.sightings for person in unknown.people()) == 4)

    assert sorted(person.sightings for person in unknown.people()) == [2, 2]


def test_who_is_enrolled_is_no_stranger(unknown: UnknownPeople, basis: EigenfaceBasis) -> None:
    lookout = Seen()
    ana = identifier_of(
        basis, [FaceSample("Ana", drawn_crop(1, mood, basis.spec)) for mood in MOODS]
    )
    with keeper(lambda stack: unknown, lookout, basis) as worker:
        show(worker, lookout, faces(basis, 1), faces(basis, 2))
        until(lambda: len(unknown.people()) == 2)
        worker.use_identifier(ana)
        until(lambda: len(unknown.people()) == 1)  # enrolled after they were kept
        (left,) = unknown.people()
        show(worker, lookout, faces(basis, 1), faces(basis, 2))
        until(lambda: unknown.person(left.id).sightings == 2)

    assert len(unknown.people()) == 1


def test_a_stranger_is_known_again_on_the_basis_of_another_bundle(
    unknown: UnknownPeople, basis: EigenfaceBasis, basis_xml: Path, identifier_spec: BasisSpec
) -> None:
    shorter = identifier_spec.model_copy(update={"components": 15})
    bases = [basis, EigenfaceBasis(basis_xml, shorter)]
    grouping = Grouping(lambda: bases[0])
    stranger = unknown.see(faces(basis, 1))
    crops = [face.crop for face in faces(basis, 1)]
    assert grouping.number_of(crops, unknown.faces()) == stranger.id
    other = unknown.see(faces(basis, 2))
    bases.pop(0)
    assert grouping.number_of(crops, unknown.faces()) == stranger.id != other.id


def test_not_more_are_kept_than_the_settings_allow(
    unknown: UnknownPeople, basis: EigenfaceBasis
) -> None:
    lookout = Seen()
    with keeper(lambda stack: unknown, lookout, basis, keep=2) as worker:
        for person in range(1, 5):
            show(worker, lookout, faces(basis, person))
        until(lambda: {row.id for row in unknown.people()} == {3, 4})


def test_those_kept_for_too_long_are_deleted_without_anybody_coming(
    tmp_path: Path, basis: EigenfaceBasis
) -> None:
    with State(tmp_path) as state:
        UnknownPeople(state, clock=lambda: time.time() - 2 * 86_400.0).see(faces(basis, 1))
        unknown = UnknownPeople(state)
        with keeper(lambda stack: unknown, Seen(), basis, keep_days=1.0):
            until(lambda: unknown.people() == [])


def test_a_disk_that_fails_is_logged_and_the_next_stranger_kept(
    unknown: UnknownPeople, basis: EigenfaceBasis, caplog: pytest.LogCaptureFixture
) -> None:
    lookout, full, threads = Seen(), [True], set()

    def open_unknown(stack: ExitStack) -> UnknownPeople:
        threads.add(threading.current_thread().name)
        if full:
            full.pop()
            raise OutputError("no space left")
        return unknown

    with keeper(open_unknown, lookout, basis) as worker:
        show(worker, lookout, faces(basis, 1))
        until(lambda: "strangers not kept" in caplog.text)
        show(worker, lookout, faces(basis, 2))
        until(lambda: len(unknown.people()) == 1)
    assert threads == {"unknown"}
