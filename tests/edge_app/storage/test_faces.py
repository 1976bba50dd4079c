"""Embeddings and alignment, which samples, corrections and strangers' faces share."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.core.errors import StateError
from edge_app.core.types import ColorImage
from edge_app.samples.faces import drawn_face
from edge_app.storage.crops import NewFace, StoredFace, decode_crop, encode_crop
from edge_app.storage.faces import KeptFaces
from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from tests.stored import drawn_sample, new_sample, quality

GREY = drawn_face(1, side=84)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path) as state:
        yield state


@pytest.fixture
def gallery(state: State) -> Gallery:
    return Gallery(state)


@dataclass
class Case:
    kept: KeptFaces
    table: str
    state: State
    gallery: Gallery
    unknown: UnknownPeople

    def faces(self) -> list[StoredFace]:
        stored: dict[str, list[StoredFace]] = {
            "samples": [*self.gallery.samples()],
            "rejections": [*self.gallery.rejections.faces()],
            "unknown_faces": [*self.unknown.faces()],
        }
        return sorted(stored[self.table], key=lambda face: face.id)

    def make_old(self, count: int) -> list[int]:
        """Have the first of the faces be as an older program stored them."""
        numbers = [face.id for face in self.faces()[:count]]
        with self.state.writing() as connection:
            connection.executemany(
                f"UPDATE {self.table} SET layout = 'box', crop = ? WHERE id = ?",
                [(cv2.imencode(".png", GREY)[1].tobytes(), number) for number in numbers],
            )
        return numbers


@pytest.fixture(params=["samples", "rejections", "unknown_faces"])
def case(request: pytest.FixtureRequest, state: State, gallery: Gallery) -> Case:
    """Three faces in each of the tables, and one of these."""
    unknown = UnknownPeople(state)
    person = gallery.enrol("Ana", [new_sample(mood=mood) for mood in (-1, 0, 1)])
    for mood in (-1, 0, 1):
        gallery.rejections.add(person.id, drawn_sample(2, mood))
    unknown.see([new_sample(3, mood=mood) for mood in (-1, 0, 1)])
    kept = {"samples": gallery, "rejections": gallery.rejections, "unknown_faces": unknown}
    return Case(kept[request.param], request.param, state, gallery, unknown)


def vectors(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(size=(2, 128)).astype(np.float32)


def test_embeddings_of_the_network_in_use_are_kept(case: Case) -> None:
    first, second, _ = (face.id for face in case.faces())
    case.kept.keep_embeddings("sface", {first: vectors(1), second: vectors(2), 99: vectors(3)})

    kept = case.kept.embeddings("sface")
    assert kept.keys() == {first, second}
    assert kept[first].dtype == np.float32
    np.testing.assert_allclose(kept[first], vectors(1), atol=2e-3)
    assert case.kept.embeddings("other") == {}

    case.kept.keep_embeddings("other", {second: vectors(4)})
    assert case.kept.embeddings("sface") == {}
    assert case.kept.embeddings("other").keys() == {second}

    case.kept.forget_embeddings()
    assert case.kept.embeddings("other") == {}


def test_embeddings_go_with_their_face_and_say_nothing_changed(case: Case) -> None:
    revision = case.gallery.revision
    case.kept.keep_embeddings("sface", {face.id: vectors(1) for face in case.faces()})
    assert case.gallery.revision == revision  # or a kiosk would compute them again and again

    case.gallery.delete(case.gallery.people()[0].id)
    case.unknown.discard(case.unknown.people()[0].id)

    assert case.kept.embeddings("sface") == {}


def test_old_faces_are_aligned_once_and_in_vain_once(case: Case) -> None:
    assert case.kept.unaligned() == []
    first, second = case.make_old(2)
    case.kept.keep_embeddings("sface", {face.id: vectors(1) for face in case.faces()})
    assert [face.id for face in case.kept.unaligned()] == [first, second]
    assert [face.id for face in case.kept.unaligned(most=1)] == [first]
    old = case.kept.unaligned()[0]
    assert (old.layout, old.media_type) == ("box", "image/png")
    np.testing.assert_array_equal(old.crop, cv2.cvtColor(GREY, cv2.COLOR_GRAY2BGR))

    case.kept.align({first: NewFace(drawn_sample(4), quality(0.9)), second: None, 99: None})

    assert case.kept.unaligned() == []
    assert [face.id for face in case.kept.unaligned(tried=True)] == [second]
    new, kept, third = case.faces()
    assert (new.layout, new.media_type) == ("aligned", "image/webp")
    assert new.data == encode_crop(drawn_sample(4))
    assert (kept.layout, kept.crop.shape) == ("box", (84, 84, 3))
    assert case.kept.embeddings("sface").keys() == {second, third.id}


def test_one_batch_is_noticed_and_aligned_faces_stay(case: Case) -> None:
    face = case.faces()[0]
    case.kept.keep_embeddings("sface", {face.id: vectors(1)})
    revision = case.gallery.revision
    case.kept.align({face.id: NewFace(drawn_sample(4), quality())})  # another process was first
    assert case.faces()[0] == face and case.kept.embeddings("sface").keys() == {face.id}
    assert case.gallery.revision == revision

    case.make_old(3)
    revision = case.gallery.revision
    case.kept.align({old.id: NewFace(drawn_sample(4), quality()) for old in case.kept.unaligned()})
    if case.table != "unknown_faces":
        assert case.gallery.revision > revision


def test_measurements_of_an_old_sample_are_taken_over(state: State, gallery: Gallery) -> None:
    gallery.enrol("Ana", [new_sample()])
    with state.writing() as connection:
        connection.execute("UPDATE samples SET layout = 'box', size_px = NULL, quality = 0.4")
    (old,) = gallery.samples()
    assert (old.quality, old.measured) == (0.4, None)

    gallery.align({old.id: NewFace(drawn_sample(4), quality(0.9))})

    (new,) = gallery.samples()
    assert (new.quality, new.measured) == (quality(0.9).score, quality(0.9))


def test_a_face_comes_back_all_but_as_it_went_in() -> None:
    sample = drawn_sample(1)
    back = decode_crop(encode_crop(sample))

    assert back.shape == (160, 160, 3)
    assert np.abs(back.astype(int) - sample).mean() < 2.0


@pytest.mark.parametrize("wrong", [GREY, np.zeros((160, 112, 3), np.uint8)])
def test_what_is_no_aligned_sample_is_refused(wrong: ColorImage) -> None:
    with pytest.raises(ValueError, match=r"expected an aligned sample \(S, S, 3\), found shape"):
        encode_crop(wrong)


@pytest.mark.parametrize("data", [b"", b"no picture", encode_crop(drawn_sample())[:50]])
def test_a_damaged_picture_says_so(data: bytes) -> None:
    with pytest.raises(StateError, match="found a damaged one; delete it"):
        _ = StoredFace(1, data, "aligned").crop
