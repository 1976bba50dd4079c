import queue
import sys
import time
from collections.abc import Iterator
from typing import Any

import gpiozero
import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory

from edge_app.core.errors import ButtonError
from edge_app.kiosk.button import Button, ButtonSettings

SETTINGS = ButtonSettings(pin=17, led_pin=27, buzzer_pin=22, bounce_s=0.0, hold_s=0.1)


@pytest.fixture
def pins() -> Iterator[Any]:
    """A Raspberry Pi's pins that are none; the button connects its pin to ground."""
    before, Device.pin_factory = Device.pin_factory, MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


@pytest.fixture
def events() -> "queue.Queue[str]":
    return queue.Queue()


@pytest.fixture
def button(pins: Any, events: "queue.Queue[str]") -> Iterator[Button]:
    with Button(SETTINGS, lambda: events.put("press"), lambda: events.put("hold")) as button:
        yield button


def until(condition: Any, limit_s: float = 5.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_short_press_is_one_when_the_button_is_let_go(
    button: Button, pins: Any, events: "queue.Queue[str]"
) -> None:
    pins.pin(17).drive_low()
    assert events.empty()
    pins.pin(17).drive_high()
    assert events.get(timeout=5.0) == "press"


def test_a_long_press_is_no_short_one(
    button: Button, pins: Any, events: "queue.Queue[str]"
) -> None:
    pins.pin(17).drive_low()
    assert events.get(timeout=5.0) == "hold"
    pins.pin(17).drive_high()
    pins.pin(17).drive_low()
    pins.pin(17).drive_high()
    assert events.get(timeout=5.0) == "press"
    assert events.empty()


def test_the_led_shows_the_state(button: Button, pins: Any) -> None:
    led = pins.pin(27)
    button.show("on")
    until(lambda: led.state)
    button.show("off")
    until(lambda: not led.state)
    led.clear_states()
    button.show("fast")
    until(lambda: len(led.states) >= 4)


def test_the_buzzer_sounds_once_for_a_state(button: Button, pins: Any) -> None:
    buzzer = pins.pin(22)
    for _ in range(5):
        button.show("slow")
    until(lambda: len(buzzer.states) >= 3)
    time.sleep(0.2)
    assert [state.state for state in buzzer.states] == [False, True, False]


def test_led_and_buzzer_may_be_missing(pins: Any) -> None:
    bare = ButtonSettings(led_pin=None, buzzer_pin=None)
    with Button(bare, lambda: None, lambda: None) as button:
        button.show("on")


def test_the_pins_are_free_again_afterwards(pins: Any) -> None:
    for _ in range(2):
        with Button(SETTINGS, lambda: None, lambda: None):
            pass


def test_without_gpiozero_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with (
        pytest.raises(ButtonError, match=r"pip install 'reconocias\[kiosk\]'"),
        Button(SETTINGS, lambda: None, lambda: None),
    ):
        pass


def test_a_pin_that_is_taken_is_an_error(pins: Any) -> None:
    twice = SETTINGS.model_copy(update={"led_pin": 17})
    with (
        pytest.raises(ButtonError, match="expected pins that work"),
        Button(twice, lambda: None, lambda: None),
    ):
        pass


def test_pins_that_nothing_drives_are_not_taken_for_a_missing_gpiozero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """gpiozero's error for that is an ImportError too."""

    def no_factory(*pins: object, **options: object) -> None:
        raise gpiozero.BadPinFactory("Unable to load any default pin factory!")

    monkeypatch.setattr(gpiozero, "Button", no_factory)
    with (
        pytest.raises(ButtonError, match=r"Unable to load.*python3-lgpio is installed"),
        Button(SETTINGS, lambda: None, lambda: None),
    ):
        pass
