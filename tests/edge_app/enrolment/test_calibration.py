import pytest

from edge_app.core.errors import PeopleError
from edge_app.enrolment.calibration import calibration_of
from edge_app.storage.gallery import Gallery
from edge_app.vision.recognition.eigenfaces import EigenfaceBasis
from tests.embedded import striped_sample, striped_samples, striped_space, vector
from tests.stored import new_sample

SPACE = striped_space()


def test_samples_are_tried_with_and_without_their_person(gallery: Gallery) -> None:
    gallery.enrol("Ana", striped_samples(1.0, count=4))
    gallery.enrol("Eva", striped_samples(0.42, 0.9, count=4))

    calibration = calibration_of(gallery, SPACE)

    strict, lax = calibration.points
    assert (strict.false_accepts, lax.false_accepts) == (0.01, 0.1)
    assert strict.threshold == pytest.approx(0.55)
    assert (strict.recognised, lax.recognised) == (1.0, 1.0)
    assert (strict.mistaken, lax.mistaken) == (0.0, 1.0)  # 0.42 lies between the two
    assert calibration.in_use is strict
    assert calibration.few == []
    assert calibration.verdict[1].endswith("0 of 8 samples are given another's name, "
                                           "so most likely less than 37.5%.")  # fmt: skip


def test_the_rate_in_use_is_a_point_of_its_own(gallery: Gallery) -> None:
    gallery.enrol("Ana", striped_samples(1.0, count=4))

    calibration = calibration_of(gallery, SPACE, 0.03)

    assert [point.false_accepts for point in calibration.points] == [0.01, 0.03, 0.1]
    assert calibration.in_use is calibration.points[1]


def test_a_sample_that_is_nobodys_other_ones_is_not_recognised(gallery: Gallery) -> None:
    gallery.enrol("Ana", [*striped_samples(1.0), striped_sample(vector(0.0, 1.0))])

    # the last one is tried against two of the others, and one of those against it and another
    assert calibration_of(gallery, SPACE).in_use.recognised == 0.75


def test_too_few_to_judge_is_said(gallery: Gallery) -> None:
    gallery.enrol("Ana", striped_samples(1.0))

    alone = calibration_of(gallery, SPACE)
    gallery.enrol("Eva", striped_samples(0.0, 1.0, count=1))
    two = calibration_of(gallery, SPACE)

    assert alone.few == ["Ana"]
    assert "one person alone" in alone.verdict[1]
    assert two.verdict[-1] == "Too few to judge: less than 4 samples of Ana, Eva."
    assert two.in_use.recognised == 1.0  # Eva's only sample cannot be held out


def test_nobody_with_two_samples_is_an_error(gallery: Gallery) -> None:
    gallery.enrol("Ana", striped_samples(1.0, count=1))

    with pytest.raises(PeopleError, match="two samples or more"):
        calibration_of(gallery, SPACE)


def test_eigenfaces_are_calibrated_at_rates_of_their_own(
    gallery: Gallery, basis: EigenfaceBasis
) -> None:
    for person in (1, 2, 3):
        moods = (-0.9, -0.3, 0.3, 0.9)
        gallery.enrol(str(person), [new_sample(person, mood=mood) for mood in moods])

    calibration = calibration_of(gallery, basis)

    assert len(calibration.points) == 8
    recognised = [point.recognised for point in calibration.points]
    assert recognised == sorted(recognised)
    assert recognised[-1] > 0.9
