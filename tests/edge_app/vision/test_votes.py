import numpy as np
import pytest

from edge_app.bundle.manifest import ClearSpec
from edge_app.core.labels import UNCLEAR
from edge_app.core.types import Emotion, Identity
from edge_app.vision.votes import IdentityVotes, SmoothedEmotion


def votes_of(names: str) -> IdentityVotes:
    """One vote a letter; a dot is a stranger."""
    votes = IdentityVotes()
    for index, name in enumerate(names):
        votes.add(Identity(None if name == "." else name, 0.1 + 0.01 * index, 0.5))
    return votes


@pytest.mark.parametrize(
    ("names", "winner"),
    [
        ("a", None),
        ("aa", None),
        ("aaa", "a"),
        ("aaaab", "a"),  # one wrong look does not un-name
        ("....a", None),  # nor does it name
        ("a.ab.", None),
        ("a.ab.a", None),  # two of the last five
        ("a.aba", "a"),  # three of them
        ("aaabb", "a"),
        ("aaabbb", "b"),  # the last five count
    ],
)
def test_a_name_needs_three_of_the_last_five_looks(names: str, winner: str | None) -> None:
    decided = votes_of(names).winner()
    assert decided is not None and decided.name == winner


def test_the_winner_carries_its_nearest_look() -> None:
    decided = votes_of("baaa").winner()
    assert decided is not None
    assert decided.distance == pytest.approx(0.11) and decided.threshold == 0.5


def test_the_winner_carries_the_number_of_the_person_and_a_stranger_none() -> None:
    votes = IdentityVotes()
    for expected in (None, None, 7):
        votes.add(Identity("a", 0.1, 0.5, 7))
        decided = votes.winner()
        assert decided is not None and decided.person_id == expected


def test_nothing_is_known_before_the_first_vote() -> None:
    assert votes_of("").winner() is None


@pytest.mark.parametrize(
    ("names", "settled"),
    [("", False), ("aa", False), ("aaa", True), ("...", True), (".a.a", False), (".aab.", False)],
)
def test_votes_are_settled_when_three_agree(names: str, settled: bool) -> None:
    assert votes_of(names).settled is settled


def test_the_winner_says_whom_it_looks_like_and_has_the_newest_embedding() -> None:
    votes = IdentityVotes()
    newest = np.array([0.0, 1.0], np.float32)
    votes.add(Identity(None, 0.6, 0.5, nearest="Ana", embedding=np.array([1.0, 0.0], np.float32)))
    votes.add(Identity(None, 0.7, 0.5, nearest="Eva", embedding=newest))
    decided = votes.winner()
    assert decided is not None and decided.nearest == "Ana" and decided.embedding is newest


def test_a_face_is_compared_with_the_mean_of_the_votes() -> None:
    votes = IdentityVotes()
    right, up = np.eye(2, dtype=np.float32)
    assert votes.likeness(right) is None
    votes.add(Identity(None, 0.6, 0.5))
    assert votes.likeness(right) is None
    votes.add(Identity(None, 0.6, 0.5, embedding=right))
    assert votes.likeness(right) == pytest.approx(1.0)
    assert votes.likeness(-up) == pytest.approx(0.0)
    votes.add(Identity(None, 0.6, 0.5, embedding=up))
    assert votes.likeness(right) == pytest.approx(0.5**0.5)


def scores(happy: float) -> Emotion:
    return Emotion("happy" if happy >= 0.5 else "sad", {"happy": happy, "sad": 1 - happy})


def test_one_odd_look_does_not_change_the_emotion() -> None:
    smoothed = SmoothedEmotion(0.5)
    for index in range(10):
        smoothed.add(scores(0.9), index / 10)
    smoothed.add(scores(0.1), 1.0)
    assert smoothed.emotion is not None and smoothed.emotion.label == "happy"
    for index in range(11, 20):
        smoothed.add(scores(0.1), index / 10)
    assert smoothed.emotion.label == "sad"


def test_a_change_takes_the_time_constant_whatever_the_frame_rate() -> None:
    for step in (0.02, 0.1, 0.25):
        smoothed = SmoothedEmotion(0.5)
        smoothed.add(scores(0.0), 0.0)
        for index in range(1, round(0.5 / step) + 1):
            smoothed.add(scores(1.0), index * step)
        assert smoothed.emotion is not None
        assert smoothed.emotion.scores["happy"] == pytest.approx(1 - 1 / 2.718, abs=0.01)
        assert sum(smoothed.emotion.scores.values()) == pytest.approx(1.0)


def test_without_smoothing_the_last_look_counts() -> None:
    smoothed = SmoothedEmotion(0.0)
    assert smoothed.emotion is None
    smoothed.add(scores(1.0), 0.0)
    smoothed.add(scores(0.0), 0.001)
    assert smoothed.emotion is not None and smoothed.emotion.label == "sad"


def labels_of(share: float, *looks: float) -> list[str]:
    """What is shown after each of a face's looks, a tenth of a second apart."""
    smoothed, shown, clear = SmoothedEmotion(0.5), [], ClearSpec(share=share)
    for index, happy in enumerate(looks):
        smoothed.add(Emotion.of({"happy": happy, "sad": 1 - happy}, clear), index / 10, clear)
        assert smoothed.emotion is not None
        shown.append(smoothed.emotion.label)
    return shown


def test_an_unclear_look_does_not_hide_a_clear_emotion_nor_a_clear_one_show_it() -> None:
    assert labels_of(0.7, *[0.9] * 5, 0.55, 0.9) == ["happy"] * 7
    assert labels_of(0.7, *[0.55] * 5, 0.9, 0.55) == [UNCLEAR] * 7


def test_a_label_that_is_shown_stays_until_its_score_falls_a_little_lower() -> None:
    assert set(labels_of(0.7, 0.72, *[0.68] * 30)) == {"happy"}
    assert set(labels_of(0.7, 0.69, *[0.68] * 30)) == {UNCLEAR}
    assert labels_of(0.7, 0.72, *[0.6] * 30)[-1] == UNCLEAR


def test_the_scores_of_an_unclear_face_are_smoothed_and_another_label_needs_the_whole_bound() -> (
    None
):
    assert labels_of(0.7, 0.9, *[0.32] * 30)[-1] == UNCLEAR
    assert labels_of(0.7, 0.9, *[0.28] * 30)[-1] == "sad"
