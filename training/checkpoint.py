"""Where a stopped run goes on: its training state after the last whole epoch, in one file."""

from collections.abc import Mapping
from pathlib import Path

import keras

from edge_app.core.atomic import sync

_SUFFIX = ".weights.h5"


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]  # keras has no type hints
    """Keeps weights, optimizer and averages of every whole epoch, and puts them back on resuming.

    It stands after what exchanges weights at an epoch's end, and writes as the next one begins: the
    weights are the raw ones again then, and history.csv has the epoch. The file's name says how
    many epochs are in it, and it has that name only when it is whole. See docs/decisions/0038.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        newest = _newest(self._folder)
        if newest is not None:
            self.model.optimizer.build(self.model.trainable_variables)  # to have where to put it
            self.model.load_weights(newest)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        if epoch == whole_epochs(self._folder):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f"unfinished{_SUFFIX}"
        self.model.save_weights(draft, overwrite=True)
        sync(draft)
        kept = draft.replace(self._folder / f"epoch-{epoch:04}{_SUFFIX}")
        for older in set(_files(self._folder)) - {kept}:
            older.unlink()


def whole_epochs(folder: Path) -> int:
    """How many epochs the newest checkpoint of a folder has behind it; 0 without one."""
    newest = _newest(folder)
    return 0 if newest is None else int(newest.name.removesuffix(_SUFFIX).partition("-")[2])


def _newest(folder: Path) -> Path | None:
    return max(_files(folder), default=None)


def _files(folder: Path) -> list[Path]:
    return list(folder.glob(f"epoch-*{_SUFFIX}"))
