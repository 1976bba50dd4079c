"""Enrols, renames and deletes people in a child that is killed at random moments.

A program of its own, because it forks. Prints JSON: how many were killed, how many changes had been
confirmed, and what was broken afterwards.
"""

import argparse
import json
import os
import random
import signal
import time
from pathlib import Path

import numpy as np

from edge_app.core.errors import ReconociasError
from edge_app.storage.gallery import Gallery, NewSample
from edge_app.storage.quality import Quality
from edge_app.storage.state import State

_SAMPLES = 5
_QUALITY = Quality(size_px=160, sharpness=300.0, yaw=0.0, light=128.0)
_SQUARE = 4
"""Pixels of one colour: as large a file as that of a face."""
_LONGEST_S = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--kills", type=int, required=True)
    options = parser.parse_args()
    rng = random.Random(2013)
    broken: list[str] = []
    expected: dict[str, int] = {}
    killed = confirmed = 0
    for turn in range(options.kills):
        lines, was_killed = _killed_child(options.state, turn, rng.uniform(0.0, _LONGEST_S))
        killed += was_killed
        confirmed += len(lines)
        begun = _replay(expected, lines, turn)
        problem = _examine(options.state, expected, begun)
        if problem:
            broken.append(f"turn {turn}: {problem}")
        expected = _found(options.state)
    print(json.dumps({"killed": killed, "confirmed": confirmed, "broken": broken}))


def _killed_child(folder: Path, turn: int, after_s: float) -> tuple[list[str], bool]:
    """The changes that a child confirmed before it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _change(folder, turn, writing)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        told.readline()  # it has the database open
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return told.read().splitlines(), status == -signal.SIGKILL


def _change(folder: Path, turn: int, told: int) -> None:
    """Change after change, each told when it is done."""
    rng = np.random.default_rng(turn)
    with State(folder) as state:
        gallery = Gallery(state)
        os.write(told, b"open\n")
        for number in range(1000):
            name = f"{turn} {number}"
            side = 160 // _SQUARE
            small = rng.integers(0, 256, (_SAMPLES, side, side, 3), dtype=np.uint8)
            crops = small.repeat(_SQUARE, axis=1).repeat(_SQUARE, axis=2)
            person = gallery.enrol(name, [NewSample(crop, _QUALITY, "camera") for crop in crops])
            os.write(told, f"enrol {number}\n".encode())
            if number % 3 == 1:
                gallery.rename(person.id, f"{name} renamed")
                os.write(told, f"rename {number}\n".encode())
            elif number % 3 == 2:
                gallery.delete(person.id)
                os.write(told, f"delete {number}\n".encode())


def _replay(people: dict[str, int], lines: list[str], turn: int) -> set[str]:
    """Bring ``people`` to what was confirmed; returns whom the change under way may be about."""
    last = -1
    for line in lines:
        what, number = line.split()
        last, name = int(number), f"{turn} {number}"
        if what == "enrol":
            people[name] = _SAMPLES
        elif what == "rename":
            people[f"{name} renamed"] = people.pop(name)
        else:
            del people[name]
    return {f"{turn} {number}{end}" for number in (last, last + 1) for end in ("", " renamed")}


def _found(folder: Path) -> dict[str, int]:
    with State(folder) as state:
        return {person.name: person.sample_count for person in Gallery(state).people()}


def _examine(folder: Path, expected: dict[str, int], begun: set[str]) -> str | None:
    """What is wrong: something confirmed is missing, or something half done is there."""
    try:
        found = _found(folder)
        with State(folder) as state, state.reading() as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except ReconociasError as error:
        return str(error)
    if whole != "ok":
        return str(whole)
    certain = {name: count for name, count in expected.items() if name not in begun}
    sure = {name: count for name, count in found.items() if name not in begun}
    if sure != certain:
        return f"expected {certain}, found {sure}"
    if any(count != _SAMPLES for count in found.values()):
        return "somebody was enrolled by half"
    lost = [
        name for name in expected if name in begun and not {name, f"{name} renamed"} & set(found)
    ]
    deleted_at_most = [name for name in lost if int(name.split()[1]) % 3 != 2]
    return f"lost {deleted_at_most}" if deleted_at_most else None


if __name__ == "__main__":
    main()
