"""A set of bored faces from a folder of photographs, in FER2013's format."""

import csv
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_app.core.errors import InputError, InputMissingError, PeopleError
from edge_app.core.progress import Progress
from edge_app.core.types import ColorImage, Detection, Detector, GrayImage, Picture
from edge_app.enrolment.photographs import the_face, usable
from edge_app.media.photo import photos_in, read_photo
from edge_app.vision import align
from edge_app.vision.recognition.identifier import FaceSpace
from training import duplicates, grouping, persons, scenes
from training.datasets import fer2013
from training.datasets.bored import BORED
from training.datasets.fer2013 import USAGES, DataError, Fer2013, Usage
from training.recipe import EMOTION_CROP
from training.tables import write_csv


@dataclass(frozen=True)
class PhotoFace:
    """The face of a photograph.

    crop: uint8 (48, 48), upright, for the emotion. sample: uint8 (160, 160, 3), for who it is.
    scene: the whole photograph's details.
    """

    photo: Path
    detection: Detection
    crop: GrayImage
    sample: ColorImage
    scene: scenes.SeenBothWays


@dataclass(frozen=True)
class Found:
    """The usable faces, and how many photographs gave none.

    beside_smaller: photographs among the usable ones that show smaller faces too.
    """

    faces: tuple[PhotoFace, ...]
    without_face: int
    with_several: int
    unreadable: int
    beside_smaller: int

    @property
    def turned(self) -> int:
        """How many of the faces were found only once their photographs were turned."""
        return sum(face.detection.turn != 0 for face in self.faces)

    def __str__(self) -> str:
        photos = len(self.faces) + self.without_face + self.with_several + self.unreadable
        return (
            f"{photos} photographs: {len(self.faces)} faces ({self.beside_smaller} of them the "
            f"largest of several, {self.turned} in turned photographs), "
            f"{self.without_face} without a face, {self.with_several} with several of like size, "
            f"{self.unreadable} unreadable"
        )


@dataclass(frozen=True)
class Nearest:
    """The two faces of different splits that are most alike in one way."""

    first: str
    second: str
    similarity: float


@dataclass(frozen=True)
class BoredSet:
    """The faces in groups that share no scene, and the split of each.

    groups: int64 (N,). data: the faces as FER2013's file holds them. nearest_scene: in shared
    details. nearest_face: in correlation of the crops. recognised: how many faces of the test
    splits a kiosk would take for somebody of Training.
    """

    faces: tuple[PhotoFace, ...]
    groups: NDArray[np.int64]
    data: Fer2013
    nearest_scene: Nearest
    nearest_face: Nearest
    recognised: int

    def __str__(self) -> str:
        sizes = np.bincount(self.groups)
        splits = ", ".join(
            f"{usage} {(self.data.usage == split).sum()} faces of "
            f"{len(np.unique(self.groups[self.data.usage == split]))} groups"
            for split, usage in enumerate(USAGES)
        )
        scene, face = self.nearest_scene, self.nearest_face
        return (
            f"{len(sizes)} groups of 1 to {sizes.max()} faces; {splits}\n"
            f"no group stands in two splits; nearest scenes across them: {scene.first} and "
            f"{scene.second} share {scene.similarity:.0f} details ({scenes.SAME_SCENE} make a "
            f"group)\nnearest faces across them: {face.first} and {face.second} correlate "
            f"{face.similarity:.3f} ({duplicates.NEAR_THRESHOLD} is a duplicate)\n"
            f"of {(self.data.usage > 0).sum()} faces outside of Training the recogniser takes "
            f"{self.recognised} for somebody in it"
        )


def find_faces(folder: Path, detector: Detector, progress: Progress) -> Found:
    """Cut the face out of every photograph of a folder.

    A photograph without a face, with several of like size or damaged is counted and left out.
    Raises InputMissingError for no such folder, InputError for one without a usable photograph.
    """
    if not folder.is_dir():
        raise InputMissingError(f"{folder}: no such folder; expected one with photographs")
    photos = photos_in(folder)
    if not photos:
        raise InputError(f"{folder}: expected photographs, found none; check the path")
    faces: list[PhotoFace] = []
    without_face = with_several = beside_smaller = 0
    for path, photo in usable(photos, lambda path: (path, Picture(read_photo(path))), progress):
        found = detector.detect(photo)
        try:
            faces.append(_photo_face(path, photo, the_face(found)))
            beside_smaller += len(found) > 1
        except PeopleError:
            without_face += not found
            with_several += bool(found)
    if not faces:
        raise InputError(
            f"{folder}: expected photographs with one clear face, found none among {len(photos)}; "
            "add photographs from the front"
        )
    unreadable = len(photos) - len(faces) - without_face - with_several
    return Found(tuple(faces), without_face, with_several, unreadable, beside_smaller)


def _photo_face(path: Path, photo: Picture, face: Detection) -> PhotoFace:
    return PhotoFace(
        path,
        face,
        align.square(photo, face, EMOTION_CROP),
        align.sample(photo, face),
        scenes.describe(photo.gray),
    )


def split(
    faces: tuple[PhotoFace, ...],
    *,
    seed: int,
    progress: Progress,
    space: FaceSpace,
    earlier: Mapping[str, Usage] | None = None,
) -> BoredSet:
    """Group the faces by scene and give whole groups to the splits.

    space: tells how many persons stand on both sides nevertheless. earlier: the splits to keep, by
    the photographs' names; see ``grouping.keep``. Raises ValueError for fewer than three groups,
    for a group that stood in several splits, and for ``earlier`` splits that are of other
    photographs.
    """
    shared = scenes.similarities([face.scene for face in faces], progress)
    groups = scenes.groups(shared)
    if earlier is None:
        usage = grouping.assign(groups, seed=seed)
    else:
        stood = np.array([_index(earlier.get(face.photo.name)) for face in faces])
        _check_kept(faces, groups, stood)
        usage = grouping.keep(groups, stood)
    grouping.check_disjoint(groups, usage)
    samples = np.stack([face.sample for face in faces])
    images = np.stack([face.crop for face in faces])
    signatures = duplicates.signatures(images)
    correlation = np.maximum(
        signatures @ signatures.T, signatures @ duplicates.signatures(images[:, :, ::-1]).T
    )
    return BoredSet(
        faces,
        groups,
        Fer2013(images, np.full(len(faces), BORED), usage),
        _nearest(faces, shared.astype(np.float32), usage),
        _nearest(faces, correlation, usage),
        len(persons.recognised(samples, groups, usage, space)),
    )


def _check_kept(
    faces: tuple[PhotoFace, ...], groups: NDArray[np.int64], stood: NDArray[np.int64]
) -> None:
    """Say which photographs keep earlier splits from being kept. stood: as grouping.keep's."""
    known = stood >= 0
    if not known.any():
        raise ValueError(
            "expected photographs that the earlier groups.csv names, found none of them; give the "
            "folder that it was made of, or leave --keep out"
        )
    for group in np.unique(groups[known]):
        members = np.flatnonzero((groups == group) & known)
        if len(set(stood[members])) > 1:
            names = ", ".join(f"{faces[one].photo.name} ({USAGES[stood[one]]})" for one in members)
            new = ", ".join(
                faces[one].photo.name for one in np.flatnonzero((groups == group) & ~known)
            )
            raise ValueError(
                f"expected each scene in one split, found one in several: {names}; what joins them "
                f"are new photographs, take them away: {new or 'none is new'}"
            )


def _index(usage: Usage | None) -> int:
    return -1 if usage is None else USAGES.index(usage)


def _nearest(
    faces: tuple[PhotoFace, ...], similarity: NDArray[np.float32], usage: NDArray[np.int64]
) -> Nearest:
    first, second = grouping.nearest_across(similarity, usage)
    return Nearest(
        faces[first].photo.name, faces[second].photo.name, float(similarity[first, second])
    )


def read_splits(path: Path) -> dict[str, Usage]:
    """The split of every photograph in a groups.csv, by its name.

    Raises FileNotFoundError, and DataError with the row's number for what ``write`` never wrote.
    """
    splits: dict[str, Usage] = {}
    with path.open(encoding="utf-8", newline="") as text:
        for number, row in enumerate(csv.DictReader(text), start=1):
            photo, usage = row.get("photo"), row.get("Usage")
            if photo is None or usage not in USAGES:
                raise DataError(
                    f"{path}, row {number}: expected a photo and its Usage of "
                    f"{', '.join(USAGES)}, found {photo} and {usage}"
                )
            splits[photo] = usage
    return splits


def write(bored: BoredSet, folder: Path) -> None:
    """Write bored.csv, and groups.csv with where each of its rows comes from.

    Raises OutputError for a place that cannot be written.
    """
    fer2013.save(folder / "bored.csv", bored.data)
    rows = (
        (
            row,
            face.photo.name,
            " ".join(map(str, astuple(face.detection.bbox))),
            face.detection.turn,
            group,
            USAGES[usage],
        )
        for row, (face, group, usage) in enumerate(
            zip(bored.faces, bored.groups, bored.data.usage, strict=True)
        )
    )
    write_csv(folder / "groups.csv", ("row", "photo", "face", "turn", "group", "Usage"), rows)
