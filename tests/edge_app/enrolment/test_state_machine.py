import pytest

from edge_app.enrolment.selection import Refusal
from edge_app.enrolment.state_machine import (
    Action,
    BoothEvent,
    BoothState,
    Collecting,
    Confirmed,
    Countdown,
    Failed,
    Held,
    Idle,
    Known,
    Looked,
    NotSaved,
    Pressed,
    Prompt,
    Recognised,
    Rules,
    Saved,
    Saving,
    lamp,
    prompt,
    step,
)

RULES = Rules(countdown_s=3, wanted=20, enough=8, limit_s=15, lost_s=3, result_s=4)
COUNTDOWN, COLLECTING = Countdown(13.0, "Ana"), Collecting(28.0, 13.0, "Ana", 5)
CONFIRMED, FAILED = Confirmed("Ana", 20.0), Failed("too_few", 20.0)
C, D, S = Action.COLLECT, Action.DISCARD, Action.SAVE

TRANSITIONS: list[tuple[BoothState, BoothEvent, float, BoothState, tuple[Action, ...]]] = [
    # nobody is being enrolled
    (Idle(), Pressed(), 10.0, Countdown(13.0), ()),
    (Idle(), Pressed("Ana"), 10.0, COUNTDOWN, ()),
    (Idle(), Held(), 10.0, Idle(), ()),
    (Idle(), Looked(1), 10.0, Idle(), ()),
    (Idle(), Saved("Ana"), 10.0, Idle(), ()),
    # getting ready
    (COUNTDOWN, Pressed("Eva"), 11.0, COUNTDOWN, ()),  # pressed twice
    (COUNTDOWN, Held(), 11.0, Failed("cancelled", 15.0), ()),
    (COUNTDOWN, Looked(1), 12.9, COUNTDOWN, ()),
    (COUNTDOWN, Looked(0), 12.9, Countdown(13.0, "Ana", Refusal.NO_FACE), ()),
    (COUNTDOWN, Looked(2), 12.9, Countdown(13.0, "Ana", Refusal.SEVERAL_FACES), ()),
    (COUNTDOWN, Looked(1), 13.0, Collecting(28.0, 13.0, "Ana"), (C,)),
    (COUNTDOWN, NotSaved("x"), 13.0, COUNTDOWN, ()),
    # keeping samples
    (COLLECTING, Looked(1, 6), 14.0, Collecting(28.0, 14.0, "Ana", 6), ()),
    (COLLECTING, Looked(1, 5, "blurred"), 14.0, Collecting(28.0, 14.0, "Ana", 5, "blurred"), ()),
    (COLLECTING, Looked(0, 5), 15.9, Collecting(28.0, 13.0, "Ana", 5, Refusal.NO_FACE), ()),
    (COLLECTING, Looked(2, 5), 14.0, Collecting(28.0, 14.0, "Ana", 5, Refusal.SEVERAL_FACES), ()),
    (COLLECTING, Looked(0, 5), 16.0, Failed("face_lost", 20.0), (D,)),  # lost half-way
    (COLLECTING, Looked(1, 20), 14.0, Saving("Ana"), (S,)),
    (COLLECTING, Looked(1, 8), 28.0, Saving("Ana"), (S,)),
    (COLLECTING, Looked(0, 8), 28.0, Saving("Ana"), (S,)),
    (COLLECTING, Looked(1, 7), 28.0, Failed("too_few", 32.0), (D,)),
    (COLLECTING, Pressed(), 14.0, COLLECTING, ()),  # pressed twice
    (COLLECTING, Held(), 14.0, Failed("cancelled", 18.0), (D,)),
    # writing them
    (Saving("Ana"), Saved("Ana"), 16.0, CONFIRMED, ()),
    (Saving(None), Known("Eva"), 16.0, Recognised("Eva", 20.0), ()),
    (Recognised("Eva", 20.0), Looked(1), 19.0, Recognised("Eva", 20.0), ()),
    (Recognised("Eva", 20.0), Looked(1), 20.0, Idle(), ()),
    (Saving("Ana"), NotSaved("disk full"), 16.0, Failed("disk full", 20.0), ()),
    (Saving("Ana"), Pressed(), 16.0, Saving("Ana"), ()),
    (Saving("Ana"), Held(), 16.0, Saving("Ana"), ()),
    (Saving("Ana"), Looked(1), 16.0, Saving("Ana"), ()),
    # success
    (CONFIRMED, Looked(1), 19.9, CONFIRMED, ()),
    (CONFIRMED, Looked(1), 20.0, Idle(), ()),
    (CONFIRMED, Pressed(), 17.0, Countdown(20.0), ()),
    (CONFIRMED, Held(), 17.0, CONFIRMED, ()),
    # failure
    (FAILED, Looked(0), 19.9, FAILED, ()),
    (FAILED, Looked(0), 20.0, Idle(), ()),
    (FAILED, Pressed(), 17.0, Countdown(20.0), ()),
    (FAILED, Held(), 17.0, FAILED, ()),
]


@pytest.mark.parametrize(("state", "event", "now", "after", "actions"), TRANSITIONS)
def test_transition(
    state: BoothState,
    event: BoothEvent,
    now: float,
    after: BoothState,
    actions: tuple[Action, ...],
) -> None:
    done = step(state, event, now, RULES)
    assert (done.state, done.actions) == (after, actions)


def test_every_state_is_left_by_itself_or_waits_for_the_button_alone() -> None:
    state: BoothState = step(Idle(), Pressed(), 0.0, RULES).state
    for second in range(200):
        state = step(state, Looked(1, 0, "blurred"), float(second), RULES).state
    assert state == Idle()


@pytest.mark.parametrize(
    ("state", "now", "shown", "light"),
    [
        (Idle(), 0.0, None, "off"),
        (COUNTDOWN, 10.5, Prompt("get_ready", seconds=3), "slow"),
        (COUNTDOWN, 12.5, Prompt("get_ready", seconds=1), "slow"),
        (
            Countdown(13.0, None, Refusal.SEVERAL_FACES),
            12.5,
            Prompt(Refusal.SEVERAL_FACES, seconds=1),
            "slow",
        ),
        (COLLECTING, 14.0, Prompt("look_here", share=0.25), "fast"),
        (Collecting(28.0, 13.0, None, 5, "blurred"), 14.0, Prompt("blurred", share=0.25), "fast"),
        (Saving("Ana"), 16.0, Prompt("saving", share=1.0), "fast"),
        (CONFIRMED, 17.0, Prompt("enrolled", name="Ana"), "on"),
        (FAILED, 17.0, Prompt("too_few"), "error"),
    ],
)
def test_what_screen_and_lamp_show(
    state: BoothState, now: float, shown: Prompt | None, light: str
) -> None:
    assert prompt(state, now, RULES) == shown
    assert lamp(state) == light
