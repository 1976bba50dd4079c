from collections.abc import Callable, Iterable

import numpy as np
import pytest

from edge_app.core.types import BBox, Detection, FloatArray, Identity
from edge_app.vision.align import TEMPLATE
from edge_app.vision.looks import Looks

ANA, EVA, STRANGER = (row for row in np.eye(3, dtype=np.float32))
"""Embeddings of three people."""


def face(left: float = 0.0, *, side: float = 112.0, turn: float = 0.0) -> Detection:
    """turn: how far the nose is from the middle of the eyes, 1.0 at an eye."""
    points = TEMPLATE * (side / 112.0)
    points[2, 0] += turn * (points[1, 0] - points[0, 0]) / 2
    box = BBox(round(left), 0, round(left + side), round(side))
    points[:, 0] += left
    return Detection(box, 1.0, points.astype(np.float32))


def look(
    name: str | None, embedding: FloatArray | None = None, *, distance: float = 0.2
) -> Identity:
    return Identity(name, distance, 0.5, embedding=embedding)


class Watch:
    """Looks at a face ten times a second where a look is due; ``answer`` says who it is."""

    def __init__(self, answer: Callable[[float], Identity]) -> None:
        self.looks = Looks()
        self.answer = answer
        self.now = 0.0
        self.times: list[float] = []
        self.swapped_at: list[float] = []

    def run(self, seconds: float, where: Detection | None = None) -> list[str | None]:
        """The names that stood in each frame."""
        names = []
        for _ in range(round(seconds * 10)):
            self.looks.see(where or face(), self.now)
            if self.looks.due <= self.now:
                self.times.append(self.now)
                if self.looks.add(self.answer(self.now), self.now):
                    self.swapped_at.append(self.now)
            identity = self.looks.identity
            names.append(identity.name if identity else None)
            self.now = round(self.now + 0.1, 1)
        return names


def always(identity: Identity) -> Callable[[float], Identity]:
    return lambda now: identity


def in_turn(answers: Iterable[Identity]) -> Callable[[float], Identity]:
    rest = iter(answers)
    return lambda now: next(rest)


def test_a_new_face_is_named_by_its_third_look_and_then_only_checked() -> None:
    watch = Watch(always(look("Ana", ANA)))

    assert watch.run(3.0) == [None] * 2 + ["Ana"] * 28
    assert watch.times == [0.0, 0.1, 0.2, 1.2, 2.2]


def test_a_name_settles_within_five_looks_although_two_of_them_err() -> None:
    answers = [look("Ana"), look("Eva"), look("Ana"), look(None), look("Ana"), look("Ana")]
    watch = Watch(in_turn(answers))

    assert watch.run(1.0)[4:] == ["Ana"] * 6
    assert len(watch.times) == 5


@pytest.mark.parametrize("embeddings", [(ANA, EVA), (None, None)])
@pytest.mark.parametrize("swap", np.arange(3.0, 4.0, 0.1))
def test_another_person_in_the_same_box_has_their_name_within_1_6_seconds(
    swap: float, embeddings: tuple[FloatArray | None, FloatArray | None]
) -> None:
    ana, eva = look("Ana", embeddings[0]), look("Eva", embeddings[1])
    watch = Watch(lambda now: ana if now < swap else eva)
    watch.run(swap)

    names = watch.run(3.0)

    assert names.index("Eva") / 10 <= 1.6 and set(names[names.index("Eva") :]) == {"Eva"}
    assert len(watch.swapped_at) == 1


@pytest.mark.parametrize("first", [look("Ana", ANA), look(None, ANA)])
def test_a_stranger_who_takes_a_face_s_place_is_another_person(first: Identity) -> None:
    watch = Watch(lambda now: first if now < 3.0 else look(None, STRANGER))
    watch.run(3.0)

    names = watch.run(1.6)

    assert len(watch.swapped_at) == 1 and names[-1] is None
    identity = watch.looks.identity
    assert identity is not None and identity.embedding is STRANGER


@pytest.mark.parametrize(
    ("first", "then", "another"),
    [
        ("Ana", None, True),
        (None, "Ana", True),
        (None, None, False),
        ("Ana", "Ana", False),
        ("Ana", "Eva", True),
    ],
)
def test_a_face_that_is_a_little_like_it_is_another_s_only_where_the_answer_differs_too(
    first: str | None, then: str | None, another: bool
) -> None:
    alike = (0.33 * ANA + (1 - 0.33**2) ** 0.5 * STRANGER).astype(np.float32)
    watch = Watch(lambda now: look(first, ANA) if now < 1.0 else look(then, alike))

    watch.run(2.0)

    assert len(watch.swapped_at) == another


@pytest.mark.parametrize("bad", [look("Eva", EVA), look(None, STRANGER), look(None)])
def test_one_bad_look_un_names_nobody_and_is_looked_into_at_once(bad: Identity) -> None:
    good = look("Ana", ANA)
    watch = Watch(in_turn([good, good, good, bad, *[good] * 9]))

    assert watch.run(3.0)[2:] == ["Ana"] * 28
    assert watch.times == pytest.approx([0.0, 0.1, 0.2, 1.2, 1.3, 2.3])
    assert watch.swapped_at == []


def test_looks_at_the_same_face_that_do_not_name_it_are_votes() -> None:
    """Somebody's face is not another's because it is too far from their samples for a moment."""
    watch = Watch(lambda now: look("Ana" if now < 1.0 else None, ANA))

    names = watch.run(5.0)

    assert watch.times == pytest.approx([0.0, 0.1, 0.2, 1.2, 2.2, 3.2, 4.2])
    assert names[:32] == [None] * 2 + ["Ana"] * 30 and names[32:] == [None] * 18
    assert watch.swapped_at == []


@pytest.mark.parametrize("better", [face(side=170), face(turn=0.1)])
def test_a_face_that_is_seen_better_is_named_anew_at_once(better: Detection) -> None:
    seen = {"well": False}
    watch = Watch(lambda now: look("Ana" if seen["well"] else None, ANA))
    watch.run(1.0, face(turn=0.5))
    seen["well"] = True

    names = watch.run(0.5, better)

    assert names == [None, None, "Ana", "Ana", "Ana"]
    assert watch.swapped_at == []  # it is the same face


def test_a_face_that_is_seen_hardly_better_waits_for_its_check() -> None:
    watch = Watch(always(look("Ana", ANA)))
    watch.run(0.5, face(turn=0.2))
    watch.run(0.6, face(side=125, turn=0.0))

    assert len(watch.times) == 3


def test_a_profile_is_looked_at_only_where_nothing_better_was_seen() -> None:
    watch = Watch(always(look("Ana", ANA)))
    watch.run(2.0, face(turn=1.1))
    assert len(watch.times) == 4

    watch.run(0.1)
    assert watch.times[-1] == 2.0
    watch.run(3.0, face(turn=-1.1))
    assert watch.times[-1] == 2.0
    watch.run(0.1)
    assert watch.times[-1] == 5.1


def test_a_face_that_jumps_or_was_out_of_sight_is_looked_at_at_once_even_in_profile() -> None:
    watch = Watch(always(look("Ana", ANA)))
    watch.run(0.5)
    watch.run(0.1, face(left=60, turn=1.1))
    assert watch.times[-1] == 0.5

    watch.run(0.3, face(left=60))
    watch.now = 1.4
    watch.run(0.1, face(left=60, turn=1.1))
    assert watch.times[-1] == 1.4


def test_a_face_that_jumps_all_the_time_is_not_looked_at_more_often_than_a_new_one() -> None:
    looks = Looks()
    times = []
    for index in range(30):  # at 30 frames a second
        now = index / 30
        looks.see(face(left=80 * index), now)
        if looks.due <= now:
            looks.add(look("Ana", ANA), now)
            times.append(now)

    assert 9 <= len(times) <= 11


def test_a_face_without_landmarks_is_taken_for_one_from_the_front() -> None:
    watch = Watch(always(look("Ana")))

    assert watch.run(1.0, Detection(BBox(0, 0, 90, 90), 9.0))[-1] == "Ana"


def test_a_look_at_a_face_that_was_not_seen_is_an_error() -> None:
    with pytest.raises(ValueError, match="call see first"):
        Looks().add(look("Ana"), 0.0)
