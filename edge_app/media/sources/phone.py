"""A phone's browser as the kiosk's camera: the page puts pictures in, the kiosk takes them out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from edge_app.core.errors import CameraError
from edge_app.core.types import ColorImage, Frame
from edge_app.media.sources.base import LiveSource

_WAIT_S = 1.0
"""For a phone, in one opening of the source: it is soon opened again, and closing it never waits
longer."""


class PhoneLink:
    """Between the page and the source; it outlives every opening of the source. For any thread.

    One slot that is overwritten, so that only the newest picture is kept. Of several phones the
    last one counts.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lending: Lending | None = None
        self._slot: tuple[ColorImage, float] | None = None

    @contextmanager
    def lend(self) -> Iterator["Lending"]:
        """One phone's camera, while the ``with`` lasts and until another phone's is lent."""
        lending = Lending(self)
        self._hand_over(lending)
        try:
            yield lending
        finally:
            if lending.counts:
                self._hand_over(None)

    def _hand_over(self, lending: "Lending | None") -> None:
        with self._changed:
            self._lending, self._slot = lending, None
            self._changed.notify_all()

    def counts(self, lending: "Lending") -> bool:
        return self._lending is lending

    def put(self, lending: "Lending", image: ColorImage, captured_at: float) -> bool:
        with self._changed:
            if not self.counts(lending):
                return False
            self._slot = image, captured_at
            self._changed.notify_all()
            return True

    def wait_for_phone(self, timeout_s: float) -> bool:
        """Whether a phone lends its camera within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._lending is not None, timeout_s)

    def take(self, timeout_s: float) -> tuple[ColorImage, float] | None:
        """The next picture and when it was captured; None once no phone lends its camera.

        Raises TimeoutError where one does, and no picture comes within so many seconds.
        """
        with self._changed:
            if not self._changed.wait_for(
                lambda: self._slot is not None or self._lending is None, timeout_s
            ):
                raise TimeoutError
            picture, self._slot = self._slot, None
            return picture


class Lending:
    """Made by ``PhoneLink.lend``: what one phone's pictures are put in through."""

    def __init__(self, link: PhoneLink) -> None:
        self._link = link

    @property
    def counts(self) -> bool:
        """False once another phone has taken over."""
        return self._link.counts(self)

    def put(self, image: ColorImage, captured_at: float) -> bool:
        """Make uint8 (H, W, 3) BGR the newest picture, unless another phone has taken over.

        captured_at: seconds of ``time.monotonic()``. Returns whether it is the newest.
        """
        return self._link.put(self, image, captured_at)


class PhoneSource(LiveSource):
    """What comes through the link.

    patience_s: seconds that a phone may be silent. Raises CameraError while no phone lends its
    camera, when it leaves, and when it is silent.
    """

    name = "phone"

    def __init__(self, link: PhoneLink, *, patience_s: float) -> None:
        self._link = link
        self._patience_s = patience_s

    def grab(self) -> Iterator[Frame]:
        if not self._link.wait_for_phone(_WAIT_S):
            raise CameraError(
                "phone: waiting for one; open this kiosk's page on it, choose Camera, "
                "and lend it to the kiosk"
            )
        for index in count():
            try:
                picture = self._link.take(self._patience_s)
            except TimeoutError as error:
                raise CameraError(
                    f"phone: expected pictures of now, found none for {self._patience_s:g} s; "
                    "keep the page open and in front, and look at the Wi-Fi"
                ) from error
            if picture is None:
                raise CameraError("phone: it does not lend its camera any more; do so again")
            image, captured_at = picture
            yield Frame(image, index, captured_at)
