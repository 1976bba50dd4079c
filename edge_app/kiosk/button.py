"""The button with its LED and buzzer on the Pi's pins, through gpiozero."""

import importlib
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveFloat

from edge_app.core.config import Table
from edge_app.core.errors import ButtonError
from edge_app.core.worker import Closing
from edge_app.enrolment.state_machine import Lamp

_BLINK_S: dict[Lamp, tuple[float, float]] = {
    "slow": (0.5, 0.5),
    "fast": (0.1, 0.1),
    "error": (0.05, 0.3),
}
"""Seconds lit and dark."""
_BEEP_S: dict[Lamp, tuple[float, int]] = {"slow": (0.05, 1), "on": (0.1, 2), "error": (0.4, 1)}
"""Seconds of each beep and how many, on the way into a state."""


Pin = Annotated[int, Field(ge=0, le=27)]


class ButtonSettings(Table):
    """The button that enrols whoever stands in front of the kiosk. Pins by their BCM numbers."""

    enabled: bool = False
    pin: Pin = 17
    pull: Literal["up", "down"] = "up"
    """up: the button connects the pin to ground; down: to 3.3 V."""
    bounce_s: Annotated[float, Field(ge=0.0, le=1.0)] = 0.05
    """Seconds for which a change is not believed after another one."""
    hold_s: PositiveFloat = 2.0
    """Seconds after which a press cancels."""
    led_pin: Pin | None = 27
    buzzer_pin: Pin | None = None


class Button(Closing):
    """Calls ``on_press`` when the button is let go early, ``on_hold`` when it is held for long.

    Both are called in gpiozero's thread, and should do no more than queue a request. A long press
    is never a short one too. Raises ButtonError without gpiozero or for pins that do not work.
    """

    def __init__(
        self,
        settings: ButtonSettings,
        on_press: Callable[[], object],
        on_hold: Callable[[], object],
    ) -> None:
        self._settings = settings
        self._on_press = on_press
        self._on_hold = on_hold
        self._was_held = False
        self._lamp: Lamp = "off"
        self._led: Any = None
        self._buzzer: Any = None
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        settings = self._settings
        try:
            gpiozero = importlib.import_module("gpiozero")
        except ImportError as error:
            raise ButtonError(
                f"[button] expected gpiozero, found none ({error}); pip install 'reconocias[kiosk]'"
            ) from error
        try:
            with ExitStack() as stack:
                button = stack.enter_context(
                    gpiozero.Button(
                        settings.pin,
                        pull_up=settings.pull == "up",
                        bounce_time=settings.bounce_s or None,
                        hold_time=settings.hold_s,
                    )
                )
                if settings.led_pin is not None:
                    self._led = stack.enter_context(gpiozero.LED(settings.led_pin))
                if settings.buzzer_pin is not None:
                    self._buzzer = stack.enter_context(gpiozero.Buzzer(settings.buzzer_pin))
                self._cleanup = stack.pop_all()
        except Exception as error:  # gpiozero and the pin libraries raise many kinds
            raise ButtonError(
                f"[button] expected pins that work, found none ({error}); check [button] and that "
                "python3-lgpio is installed, or set enabled = false"
            ) from error
        button.when_held = self._held
        button.when_released = self._released
        return self

    def close(self) -> None:
        self._cleanup.close()

    def _held(self) -> None:
        self._was_held = True
        self._on_hold()

    def _released(self) -> None:
        was_held, self._was_held = self._was_held, False
        if not was_held:
            self._on_press()

    def show(self, lamp: Lamp) -> None:
        """Light the LED and sound the buzzer for a state; nothing where it is shown already."""
        if lamp == self._lamp:
            return
        self._lamp = lamp
        if self._led is not None:
            self._light(lamp)
        if self._buzzer is not None and lamp in _BEEP_S:
            seconds, times = _BEEP_S[lamp]
            self._buzzer.beep(seconds, seconds, n=times)

    def _light(self, lamp: Lamp) -> None:
        if lamp == "off":
            self._led.off()
        elif lamp == "on":
            self._led.on()
        else:
            lit, dark = _BLINK_S[lamp]
            self._led.blink(lit, dark)
