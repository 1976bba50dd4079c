"""Enrolling at the kiosk: drives ``state_machine`` with frames, button and disk.

Everything happens in the kiosk's loop, except for writing the samples, which has a thread.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Annotated

from pydantic import Field, PositiveFloat

from edge_app.core.config import Table
from edge_app.core.errors import PeopleError
from edge_app.core.types import Face, FrameResult
from edge_app.core.worker import Closing
from edge_app.enrolment.selection import Collection
from edge_app.enrolment.state_machine import (
    Action,
    BoothEvent,
    BoothState,
    Collecting,
    Held,
    Idle,
    Known,
    Lamp,
    Looked,
    NotSaved,
    Pressed,
    Prompt,
    Rules,
    Saved,
    Saving,
    lamp,
    prompt,
    step,
)
from edge_app.storage.gallery import NewSample

_log = logging.getLogger(__name__)


MOST_SAMPLES = 40
"""Kept of a person where nothing else is set."""


class EnrolmentSettings(Table):
    """Enrolling at the kiosk."""

    countdown_s: Annotated[float, Field(ge=0.0, le=30.0)] = 3.0
    """Seconds between the press and the first sample."""
    samples: Annotated[int, Field(ge=5, le=40)] = 20
    """Good pictures that are kept of a person who stands before the kiosk."""
    enough: Annotated[int, Field(ge=3, le=40)] = 8
    """Good pictures that do where the time is over."""
    limit_s: PositiveFloat = 15.0
    """Seconds for collecting them."""
    lost_s: PositiveFloat = 3.0
    """Seconds without a face after which enrolling is given up."""
    most_samples: Annotated[int, Field(ge=5, le=400)] = MOST_SAMPLES
    """Samples of a person, however they come in; of more, those stay that differ most."""
    name: Annotated[str, Field(min_length=1, max_length=90)] = "Persona"
    """Before the number that somebody new is called by, as in "Persona 4"."""


_SAID: dict[type[Saved | Known | NotSaved], str] = {
    Saved: "somebody was enrolled",
    Known: "not enrolled: enrolled already",
    NotSaved: "not enrolled: several people",
}


class EnrolmentSession(Closing):
    """Holds the state of enrolling, and does what its transitions ask for.

    collect: makes a new collection. save: stores samples under a name (None for the next free
    one) and says so, or whose the face is already, or why they will not do; called in a thread of
    its own.
    """

    def __init__(
        self,
        rules: Rules,
        collect: Callable[[], Collection],
        save: Callable[[str | None, Sequence[NewSample]], Saved | Known | NotSaved],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules
        self._collect = collect
        self._save = save
        self._clock = clock
        self._show: Callable[[Lamp], object] = _no_lamp
        self._state: BoothState = Idle()
        self._collection: Collection | None = None
        self._track: int | None = None
        self._saving: Future[Saved | Known | NotSaved] | None = None
        self._saver = ThreadPoolExecutor(1, thread_name_prefix="enrol")

    def close(self) -> None:
        self._saver.shutdown(wait=True)  # what is being written is not given up

    @property
    def state(self) -> BoothState:
        return self._state

    @property
    def prompt(self) -> Prompt | None:
        """What the screen says now."""
        return prompt(self._state, self._clock(), self._rules)

    def show_on(self, show: Callable[[Lamp], object]) -> None:
        """Have a lamp lit as the state says, from the next event on."""
        self._show = show

    def press(self, name: str | None = None) -> None:
        """Somebody wants to be enrolled, under a name or the next free one."""
        self._handle(Pressed(name))

    def hold(self) -> None:
        """Somebody wants to stop that."""
        self._handle(Held())

    def look(self, result: FrameResult) -> None:
        """A frame of the camera was processed."""
        if isinstance(self._state, Saving):
            self._look_after_saving()
            return
        hint, kept = None, 0
        if isinstance(self._state, Collecting) and self._collection is not None:
            if all(face.found for face in result.faces):  # nobody stands where a face only was
                self._collection = self._of_one_person(self._collection, result.faces)
                found = [face.detection for face in result.faces]
                hint = self._collection.offer(result.frame, found)
            kept = len(self._collection.samples)
        self._handle(Looked(len(result.faces), kept, hint))

    def _of_one_person(self, collection: Collection, faces: Sequence[Face]) -> Collection:
        """The collection, or a new one where a face of another number has come into view."""
        if len(faces) != 1:
            return collection
        before, self._track = self._track, faces[0].track_id
        return collection if before in (None, self._track) else self._collect()

    def _look_after_saving(self) -> None:
        if self._saving is None or not self._saving.done():
            return
        error = self._saving.exception()
        if error is None:
            self._handle(outcome := self._saving.result())
            _log.info(_SAID[type(outcome)])
        else:
            self._handle(NotSaved(str(error)))
            reason = "the name" if isinstance(error, PeopleError) else str(error)  # names nobody
            _log.warning("enrolment not saved", extra={"reason": reason})
        self._saving = None

    def _handle(self, event: BoothEvent) -> None:
        done = step(self._state, event, self._clock(), self._rules)
        self._state = done.state
        for action in done.actions:
            self._act(action)
        self._show(lamp(self._state))

    def _act(self, action: Action) -> None:
        if action is Action.COLLECT:
            self._collection, self._track = self._collect(), None
        elif action is Action.DISCARD:
            self._collection = None
        elif self._collection is not None and isinstance(self._state, Saving):
            samples, self._collection = list(self._collection.samples), None
            self._saving = self._saver.submit(self._save, self._state.name, samples)


def _no_lamp(lamp: Lamp) -> None:
    """For a kiosk without a button."""
