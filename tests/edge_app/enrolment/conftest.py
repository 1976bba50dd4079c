from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_app.storage.gallery import Gallery
from edge_app.storage.state import State


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path / "state") as state:
        yield state


@pytest.fixture
def gallery(state: State) -> Gallery:
    return Gallery(state)
