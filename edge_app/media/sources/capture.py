"""A one-slot mailbox between a live source and the loop that works on its frames."""

import threading
from collections.abc import Callable, Iterator

from edge_app.core.errors import CameraError
from edge_app.core.types import Frame
from edge_app.core.worker import Worker


class NewestFrame(Worker):
    """Reads frames in a thread of its own and gives the newest; older ones are dropped.

    So a slow reader sees fewer frames, never late ones. An error of ``grab`` is raised to the
    reader, after the frame that came before it; CameraError after ``stall_s`` seconds without one.
    """

    def __init__(self, grab: Callable[[], Iterator[Frame]], *, stall_s: float = 10.0) -> None:
        super().__init__("capture")
        self._stall_s = stall_s
        self._grab = grab
        self._changed = threading.Condition()
        self._slot: Frame | None = None
        self._error: BaseException | None = None
        self._ended = False

    def run(self) -> None:
        try:
            for frame in self._grab():
                with self._changed:
                    self._slot = frame
                    self._changed.notify()
                if self.stopping.is_set():
                    return
        except BaseException as error:  # handed over to the reader's thread, which raises it
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()

    def _has_news(self) -> bool:
        return self._slot is not None or self._ended

    def __iter__(self) -> Iterator[Frame]:
        while True:
            with self._changed:
                if not self._changed.wait_for(self._has_news, self._stall_s):
                    raise CameraError(
                        f"expected frames, found none for {self._stall_s:.0f} s; "
                        "check the camera or the network"
                    )
                frame, self._slot = self._slot, None
            if frame is None:
                break
            yield frame
        if self._error is not None:
            raise self._error
