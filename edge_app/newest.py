"""A one-slot mailbox between a live source and the loop that works on its frames."""

import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from edge_app.errors import CameraError
from edge_app.types import Frame

_JOIN_S = 5.0


class NewestFrame:
    """Reads frames in a thread of its own and gives the newest; older ones are dropped.

    So a slow reader sees fewer frames, never late ones. An error of ``grab`` is raised to the
    reader, after the frame that came before it; CameraError after ``stall_s`` seconds without one.
    """

    def __init__(self, grab: Callable[[], Iterator[Frame]], *, stall_s: float = 10.0) -> None:
        self._stall_s = stall_s
        self._grab = grab
        self._changed = threading.Condition()
        self._slot: Frame | None = None
        self._error: BaseException | None = None
        self._ended = False
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop = True
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        try:
            for frame in self._grab():
                with self._changed:
                    self._slot = frame
                    self._changed.notify()
                if self._stop:
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
