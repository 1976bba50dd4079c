"""The bored set as one HTML page, to look at before a network learns from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_app.core.types import GrayImage
from training import duplicates, pages, scenes
from training.bored import BoredSet, Found, Nearest
from training.datasets.fer2013 import USAGES
from training.pages import Picture, picture


@dataclass(frozen=True)
class Group:
    """The faces of one scene."""

    number: int
    faces: tuple[Picture, ...]


@dataclass(frozen=True)
class Split:
    """groups: the largest first."""

    usage: str
    groups: tuple[Group, ...]

    @property
    def faces(self) -> int:
        return sum(len(group.faces) for group in self.groups)


def write(bored: BoredSet, found: Found, path: Path) -> None:
    """Write the page. Raises OutputError for a place that cannot be written."""
    pages.write(render(bored, found), path)


def render(bored: BoredSet, found: Found) -> str:
    """The page as text. found: what the photographs gave."""
    crops = {face.photo.name: face.crop for face in bored.faces}
    return pages.render(
        "bored.html",
        bored=bored,
        found=found,
        group_count=len(np.unique(bored.groups)),
        splits=[Split(usage, tuple(_groups(bored, split))) for split, usage in enumerate(USAGES)],
        scene=_pair(bored.nearest_scene, crops, f"{bored.nearest_scene.similarity:.0f} details"),
        face=_pair(bored.nearest_face, crops, f"{bored.nearest_face.similarity:.3f}"),
        same_scene=scenes.SAME_SCENE,
        threshold=duplicates.NEAR_THRESHOLD,
    )


def _groups(bored: BoredSet, split: int) -> Iterator[Group]:
    inside = bored.data.usage == split
    numbers, sizes = np.unique(bored.groups[inside], return_counts=True)
    for number in numbers[np.argsort(-sizes, kind="stable")].tolist():
        rows = np.flatnonzero(inside & (bored.groups == number)).tolist()
        faces = (picture(bored.data.images[[row]], alt=bored.faces[row].photo.name) for row in rows)
        yield Group(number, tuple(faces))


def _pair(nearest: Nearest, crops: dict[str, GrayImage], similarity: str) -> Picture:
    names = f"{nearest.first} / {nearest.second}"
    both = np.stack([crops[nearest.first], crops[nearest.second]])
    return picture(both, alt=names, caption=f"{names}, {similarity}")
