"""A phone that is the kiosk's own camera: its browser sends pictures, the kiosk looks at them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from edge_app.core.errors import InputError
from edge_app.kiosk.view import MAX_LIVE_AGE_S
from edge_app.media.sources.phone import Lending
from edge_app.web.live.browser_camera import decode


@dataclass
class PhoneKioskCamera:
    """One phone's pictures in order; not for several threads at once.

    A picture is taken after the answer to the one before was sent, so its age is known without the
    phone's clock: it counts as captured when it was asked for. What may be older than a live
    picture is not handed on, such as one that waited in a slow network.
    rate: pictures per second at most.
    """

    lending: Lending
    rate: float
    clock: Callable[[], float] = time.monotonic
    index: int = 0
    asked_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.asked_at = self.clock()

    def hand_on(self, jpeg: bytes) -> dict[str, Any]:
        """What to answer, as JSON. Raises InputError for what is no picture of now."""
        image = decode(jpeg)
        took_s = self.clock() - self.asked_at
        if took_s > MAX_LIVE_AGE_S:
            raise InputError(
                f"expected a picture within {MAX_LIVE_AGE_S:g} s, found one after {took_s:.1f} s; "
                "it is not shown, as it may be old: look at the Wi-Fi"
            )
        self.lending.put(image, self.asked_at)
        answer = {"frame": self.index, "size": [image.shape[1], image.shape[0]]}
        self.index += 1
        return answer

    def pause_s(self) -> float:
        """How long to wait before the next picture is asked for."""
        return max(0.0, self.asked_at + 1 / self.rate - self.clock())

    def ask(self) -> None:
        """The answer goes out now, and with it the request for the next picture."""
        self.asked_at = self.clock()
