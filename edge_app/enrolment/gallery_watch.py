"""Notices that people were enrolled, renamed or deleted, by whatever process."""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Generic, TypeVar

from edge_app.core.errors import ReconociasError
from edge_app.core.worker import Worker
from edge_app.storage.gallery import Gallery

_log = logging.getLogger(__name__)

_EVERY_S = 1.0

T = TypeVar("T")


class GalleryWatch(Worker, Generic[T]):
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
        super().__init__("gallery")
        self._open_gallery = open_gallery
        self._build = build
        self._use = use
        self._every_s = every_s
        self._poked = threading.Event()

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

    def run(self) -> None:
        with ExitStack() as stack:
            self._watch(stack)

    def _watch(self, stack: ExitStack) -> None:
        gallery: Gallery | None = None
        known: tuple[int, object] | None = None
        while not self.stopping.is_set():
            try:
                gallery = gallery or self._open_gallery(stack)
                wanted = (gallery.revision, build := self._build)
                if wanted != known:
                    identifier = build(gallery)
                    if build is self._build:  # else it belongs to a bundle that is gone
                        self._use(identifier)
                        known = wanted
            except ReconociasError as error:
                _log.warning("people not read", extra={"reason": str(error)})
            except Exception:  # this thread must outlive a mistake of the program
                _log.exception("people not read")
            self._poked.wait(self._every_s)
            self._poked.clear()
