"""Photographs, one or a folder of them."""

import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import PositiveFloat

from edge_app.core.config import Table
from edge_app.core.errors import CameraError, InputError
from edge_app.core.types import Frame
from edge_app.media.photo import photos_in, read_photo
from edge_app.media.sources.base import LiveSource, Source


class PhotoSource(Source):
    """One photo, or the photos of a folder, as frames 0, 1, 2 ...; captured_at is always 0."""

    def __init__(self, paths: list[Path], name: str) -> None:
        self.paths = paths
        self.name = name

    @property
    def is_folder(self) -> bool:
        """Whether the photos are those of a folder, in the order of their names."""
        return Path(self.name).is_dir()

    def read(self, index: int) -> Frame:
        """One photo of the source. Raises InputError for a damaged one; the next may be whole."""
        return Frame(read_photo(self.paths[index]), index, 0.0)

    def __iter__(self) -> Iterator[Frame]:
        return (self.read(index) for index in range(len(self.paths)))


class SlideshowSettings(Table):
    """Photos in place of a camera."""

    photo_s: PositiveFloat = 3.0
    """Seconds that each photo of a folder is shown."""


class Slideshow(LiveSource):
    """The photos of a folder as if a camera looked at one after the other, for ever.

    photo_s: seconds that each is shown. rate: frames per second. A damaged photo is left out;
    raises CameraError where none is whole.
    """

    def __init__(self, folder: Path, *, photo_s: float, rate: float) -> None:
        self.name = str(folder)
        self._folder = folder
        self._photo_s = photo_s
        self._rate = rate

    def grab(self) -> Iterator[Frame]:
        index = 0
        while True:
            shown = 0
            for path in photos_in(self._folder) if self._folder.is_dir() else ():
                try:
                    image = read_photo(path)
                except InputError:
                    continue
                shown += 1
                for _ in range(max(1, round(self._photo_s * self._rate))):
                    yield Frame(image, index, time.monotonic())
                    index += 1
                    time.sleep(1 / self._rate)
            if not shown:
                raise CameraError(f"{self.name}: expected a folder with photos, found none whole")
