"""Notices that people were enrolled, renamed or deleted, by whatever process."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Generic, TypeVar

from edge_app.core.worker import LoopWorker
from edge_app.storage.gallery import Gallery

_EVERY_S = 1.0

T = TypeVar("T")


class GalleryWatch(LoopWorker, Generic[T]):
    """Builds an identifier for the gallery, and anew after each change, in a thread of its own.

    open_gallery: called in that thread, and what it puts on the stack is closed there.
    build: makes an identifier, or None of nobody. use: is given it; a
    live picture so never waits for more than the exchange.
    """

    def __init__(
        self,
        open_gallery: Callable[[ExitStack], Gallery],
        build: Callable[[Gallery], T | None],
        use: Callable[[T | None], object],
        *,
        every_s: float = _EVERY_S,
    ) -> None:
        super().__init__("gallery", failing="people not read", every_s=every_s)
        self._open_gallery = open_gallery
        self._build = build
        self._use = use
        self._gallery: Gallery | None = None
        self._known: tuple[int, object] | None = None
        self._poked = threading.Event()
        self._poked.set()  # the first look is at once

    def stop(self) -> None:
        super().stop()
        self._poked.set()

    def poke(self) -> None:
        """Look now: something was changed."""
        self._poked.set()

    def build_with(self, build: Callable[[Gallery], T | None]) -> None:
        """From now on build in this way, and do so now."""
        self._build = build
        self.poke()

    def wait(self) -> bool:
        self._poked.wait(self.every_s)
        self._poked.clear()
        return self.stopping.is_set()

    def step(self) -> None:
        self._gallery = self._gallery or self._open_gallery(self.opened)
        wanted = (self._gallery.revision, build := self._build)
        if wanted != self._known:
            identifier = build(self._gallery)
            if build is self._build:  # else it belongs to a bundle that is gone
                self._use(identifier)
                self._known = wanted
