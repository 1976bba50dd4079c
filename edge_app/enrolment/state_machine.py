"""Enrolling somebody at the kiosk, as one state machine: what happens when, and nothing else.

No thread, no clock, no camera and no database: ``step`` takes a state, an event and the time, and
gives the next state and what is to be done. Times are seconds of any clock that does not jump.
"""

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

from edge_app.enrolment.selection import Refusal


@dataclass(frozen=True, slots=True)
class Rules:
    """Seconds and counts."""

    countdown_s: float = 3.0
    wanted: int = 20
    """Samples after which it is done."""
    enough: int = 8
    """Samples that do when the time is over."""
    limit_s: float = 15.0
    """For collecting them."""
    lost_s: float = 3.0
    """Without a face for so long it is given up."""
    result_s: float = 4.0
    """How long success or failure stands on the screen."""


# States


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody is being enrolled."""


@dataclass(frozen=True, slots=True)
class Countdown:
    """Somebody pressed the button and is told to get ready."""

    until: float
    name: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Collecting:
    """Samples are being kept. face_at: when a face was last seen."""

    until: float
    face_at: float
    name: str | None = None
    kept: int = 0
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Saving:
    """The samples are being written."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Done: the screen says under which name."""

    name: str
    until: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """Nothing was kept: the face is somebody's already, and the screen says whose."""

    name: str
    until: float


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was kept. reason: a key of i18n, or what the system said."""

    reason: str
    until: float


BoothState = Idle | Countdown | Collecting | Saving | Confirmed | Recognised | Failed
_AtRest = Idle | Confirmed | Recognised | Failed


# Events


@dataclass(frozen=True, slots=True)
class Pressed:
    """The button, or somebody on the page. name: None for the next free one ("Persona 4")."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The button, for long."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame was looked at. kept: samples so far. hint: what is wrong with this one, if something.

    faces: in view.
    """

    faces: int
    kept: int = 0
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """The samples are in the database, under this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """The samples were not stored: they are of somebody who is enrolled, under this name."""

    name: str


@dataclass(frozen=True, slots=True)
class NotSaved:
    """They could not be written: the disk is full, say."""

    reason: str


BoothEvent = Pressed | Held | Looked | Saved | Known | NotSaved


class Action(Enum):
    """What is to be done on the way into a state."""

    COLLECT = "start a new collection of samples"
    DISCARD = "throw the samples away"
    SAVE = "write the samples, and report Saved, Known or NotSaved"


@dataclass(frozen=True, slots=True)
class Step:
    """The state after an event, and what is to be done."""

    state: BoothState
    actions: tuple[Action, ...] = field(default=())


def step(state: BoothState, event: BoothEvent, now: float, rules: Rules) -> Step:
    """One transition. An event that means nothing in a state changes nothing."""
    match state:
        case Idle() | Confirmed() | Recognised() | Failed():
            return _at_rest(state, event, now, rules)
        case Countdown():
            return _counting_down(state, event, now, rules)
        case Collecting():
            return _collecting(state, event, now, rules)
        case Saving():
            return _saving(state, event, now, rules)


def _at_rest(state: _AtRest, event: BoothEvent, now: float, rules: Rules) -> Step:
    if isinstance(event, Pressed):
        return Step(Countdown(now + rules.countdown_s, event.name))
    if not isinstance(state, Idle) and isinstance(event, Looked) and now >= state.until:
        return Step(Idle())
    return Step(state)


def _counting_down(state: Countdown, event: BoothEvent, now: float, rules: Rules) -> Step:
    match event:
        case Held():
            return Step(Failed("cancelled", now + rules.result_s))
        case Looked() if now >= state.until:
            return Step(Collecting(now + rules.limit_s, now, state.name), (Action.COLLECT,))
        case Looked():
            return Step(replace(state, hint=_crowd_hint(event)))
    return Step(state)


def _collecting(state: Collecting, event: BoothEvent, now: float, rules: Rules) -> Step:
    match event:
        case Held():
            return _give_up("cancelled", now, rules)
        case Looked():
            face_at = now if event.faces else state.face_at
            hint = event.hint or _crowd_hint(event)
            state = replace(state, face_at=face_at, kept=event.kept, hint=hint)
            return _judge(state, now, rules)
    return Step(state)


def _judge(state: Collecting, now: float, rules: Rules) -> Step:
    """Whether that will do, has to be given up, or goes on."""
    is_late = now >= state.until
    if state.kept >= rules.wanted or (is_late and state.kept >= rules.enough):
        return Step(Saving(state.name), (Action.SAVE,))
    if now - state.face_at >= rules.lost_s:
        return _give_up("face_lost", now, rules)
    if is_late:
        return _give_up("too_few", now, rules)
    return Step(state)


def _give_up(reason: str, now: float, rules: Rules) -> Step:
    return Step(Failed(reason, now + rules.result_s), (Action.DISCARD,))


def _saving(state: Saving, event: BoothEvent, now: float, rules: Rules) -> Step:
    match event:
        case Saved():
            return Step(Confirmed(event.name, now + rules.result_s))
        case Known():
            return Step(Recognised(event.name, now + rules.result_s))
        case NotSaved():
            return Step(Failed(event.reason, now + rules.result_s))
    return Step(state)


def _crowd_hint(event: Looked) -> str | None:
    if event.faces == 1:
        return None
    return Refusal.NO_FACE if event.faces == 0 else Refusal.SEVERAL_FACES


# What is shown


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the screen says. text: a key of i18n, or what the system said.

    seconds: of a countdown. share: of the samples, 0.0 to 1.0. name: of who was enrolled.
    """

    text: str
    seconds: int | None = None
    share: float | None = None
    name: str | None = None


def prompt(state: BoothState, now: float, rules: Rules) -> Prompt | None:
    """What the screen says in a state, or None for nothing."""
    match state:
        case Idle():
            return None
        case Countdown():
            left = max(0.0, state.until - now)
            return Prompt(state.hint or "get_ready", seconds=int(left) + 1)
        case Collecting():
            share = min(1.0, state.kept / rules.wanted)
            return Prompt(state.hint or "look_here", share=share)
        case Saving():
            return Prompt("saving", share=1.0)
        case Confirmed():
            return Prompt("enrolled", name=state.name)
        case Recognised():
            return Prompt("already_known", name=state.name)
        case Failed():
            return Prompt(state.reason)


Lamp = Literal["off", "on", "slow", "fast", "error"]
"""Off, lit, or blinking: while somebody gets ready, while samples are kept, after a failure."""


def lamp(state: BoothState) -> Lamp:
    """What the LED on the button does in a state."""
    match state:
        case Idle():
            return "off"
        case Countdown():
            return "slow"
        case Collecting() | Saving():
            return "fast"
        case Confirmed() | Recognised():
            return "on"
        case Failed():
            return "error"
