"""A thread between a live source and the loop that works on its frames."""

from collections.abc import Callable, Iterator

from edge_app.core.errors import CameraError
from edge_app.core.mailbox import Mailbox
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
        self._frames: Mailbox[Frame] = Mailbox()
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            for frame in self._grab():
                self._frames.put(frame)
                if self.stopping.is_set():
                    return
        except BaseException as error:  # handed over to the reader's thread, which raises it
            self._error = error
        finally:
            self._frames.end()

    def __iter__(self) -> Iterator[Frame]:
        with self._frames.reader() as reader:
            try:
                yield from reader.each(self._stall_s)
            except TimeoutError as error:
                raise CameraError(
                    f"expected frames, found none for {self._stall_s:.0f} s; "
                    "check the camera or the network"
                ) from error
        if self._error is not None:
            raise self._error
