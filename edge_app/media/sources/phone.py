"""A phone's browser as the kiosk's camera: the page puts pictures in, the kiosk takes them out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from edge_app.core.errors import CameraError
from edge_app.core.mailbox import Mailbox
from edge_app.core.types import ColorImage, Frame
from edge_app.media.sources.base import LiveSource

_WAIT_S = 1.0
"""For a phone, in one opening of the source: it is soon opened again, and closing it never waits
longer."""


class Lending:
    """Made by ``PhoneLink.lend``: what one phone's pictures are put in through, and taken out."""

    def __init__(self) -> None:
        self.pictures: Mailbox[tuple[ColorImage, float]] = Mailbox()
        self.taken_at = float("-inf")
        """When the newest picture that the kiosk took was captured: none is taken twice."""

    @property
    def counts(self) -> bool:
        """False once another phone has taken over."""
        return not self.pictures.ended

    def put(self, image: ColorImage, captured_at: float) -> bool:
        """Make uint8 (H, W, 3) BGR the newest picture, unless another phone has taken over.

        captured_at: seconds of ``time.monotonic()``. Returns whether it is the newest.
        """
        return self.pictures.put((image, captured_at))


class PhoneLink:
    """Between the page and the source; it outlives every opening of the source. For any thread.

    Of several phones the last one counts.
    """

    def __init__(self) -> None:
        self.phones: Mailbox[Lending] = Mailbox()
        self._taking_over = threading.Lock()

    @contextmanager
    def lend(self) -> Iterator[Lending]:
        """One phone's camera, while the ``with`` lasts and until another phone's is lent."""
        lending = Lending()
        with self._taking_over:
            before = self.phones.newest
            self.phones.put(lending)
            if before is not None:
                before.pictures.end(at_once=True)
        try:
            yield lending
        finally:
            lending.pictures.end(at_once=True)


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
        index = count()
        was_lent = False
        with self._link.phones.reader() as phones:
            while lending := phones.next(0.0 if was_lent else _WAIT_S):  # the next one takes over
                was_lent = was_lent or lending.counts
                for image, captured_at in self._pictures(lending):
                    if captured_at > lending.taken_at:  # else from before it fell silent
                        lending.taken_at = captured_at
                        yield Frame(image, next(index), captured_at)
        if was_lent:
            raise CameraError("phone: it does not lend its camera any more; do so again")
        raise CameraError(
            "phone: waiting for one; open this kiosk's page on it, choose Camera, "
            "and lend it to the kiosk"
        )

    def _pictures(self, lending: Lending) -> Iterator[tuple[ColorImage, float]]:
        """The newest of one phone, until it is lent no more."""
        with lending.pictures.reader() as reader:
            try:
                yield from reader.each(self._patience_s)
            except TimeoutError as error:
                raise CameraError(
                    f"phone: expected pictures of now, found none for {self._patience_s:g} s; "
                    "keep the page open and in front, and look at the Wi-Fi"
                ) from error
