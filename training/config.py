"""What decides a training run, and the settings that each architecture starts from."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from training.augment import Augmentation
from training.datasets.label_sets import LabelSetName

ArchitectureName = Literal["compact", "compact-dilated", "vgg", "vgg-sgd"]
Monitor = Literal["accuracy", "macro_f1"]
Optimizer = Literal["sgd", "adam"]
Precision = Literal["float32", "bfloat16"]
Schedule = Literal["cosine", "plateau"]


@dataclass(frozen=True)
class TrainConfig:
    """All that decides a run; docs/training.md says what each setting does.

    optimizer: sgd has Nesterov momentum. schedule: cosine warms up and falls over all epochs;
    plateau halves the rate after plateau_patience epochs without a better one. stop_patience: after
    how many of those the run ends, None never. monitor: the PublicTest figure that is meant by
    better. weight_decay: decoupled, scaled by the learning rate, None is none. ema_momentum: of the
    averaged weights, None for no averaging. vote_weight, teacher_weight: shares of FER+'s votes and
    of the teachers' scores in the targets; a vote_weight of 1 also weighs faces by how many voted.
    teacher_views: teachers are asked about every varied and mixed face that the student sees, not
    once about each face as it is. mixup: alpha of the Beta distribution, 0 is none. class_balance:
    power of a class's inverse frequency that weighs its faces, 0 is none. teachers: folders of
    runs, or files of bundles. init: folder of a run to start from. precision: of what the layers
    compute; weights are float32 always.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    architecture: ArchitectureName = "compact"
    labels: LabelSetName = "fer7"
    epochs: int = 45
    batch_size: int = 128
    optimizer: Optimizer = "sgd"
    schedule: Schedule = "cosine"
    peak_learning_rate: float = 0.12
    warmup_epochs: float = 4.0
    plateau_patience: int = 7
    stop_patience: int | None = None
    monitor: Monitor = "accuracy"
    momentum: float = 0.9
    weight_decay: float | None = 1e-2
    ema_momentum: float | None = 0.998
    vote_weight: float = 1.0
    label_smoothing: float = 0.0
    mixup: float = 0.0
    class_balance: float = 0.0
    teachers: tuple[str, ...] = ()
    teacher_weight: float = 0.5
    teacher_temperature: float = 1.0
    teacher_views: bool = False
    init: str | None = None
    precision: Precision = "float32"
    seed: int = 2013
    augmentation: Augmentation | None = field(default_factory=Augmentation)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


_READER = TypeAdapter(TrainConfig)


RECIPES: dict[ArchitectureName, TrainConfig] = {
    "compact": TrainConfig(augmentation=Augmentation(noise=25.0)),
    "compact-dilated": TrainConfig(
        architecture="compact-dilated", augmentation=Augmentation(noise=25.0)
    ),
    "vgg": TrainConfig(
        architecture="vgg",
        epochs=100,
        batch_size=32,
        optimizer="adam",
        schedule="plateau",
        peak_learning_rate=1e-3,
        stop_patience=11,
        weight_decay=None,
        ema_momentum=None,
        vote_weight=0.0,
        label_smoothing=0.0,
        augmentation=Augmentation(rotation=15.0, scale=0.15, shift=0.15, erase_probability=0.0),
    ),
    "vgg-sgd": TrainConfig(
        architecture="vgg-sgd",
        epochs=100,
        batch_size=32,
        schedule="plateau",
        peak_learning_rate=1e-2,
        stop_patience=11,
        weight_decay=None,
        ema_momentum=None,
        vote_weight=0.0,
        label_smoothing=0.0,
        augmentation=Augmentation(rotation=15.0, scale=0.15, shift=0.15, erase_probability=0.0),
    ),
}
"""The vgg recipes are the student project's, with the augmentation that it had written and switched
off: without it the validation loss doubled while training. Rate and batch of vgg-sgd are ours, as
the project left none."""


def recipe(architecture: ArchitectureName, labels: LabelSetName) -> TrainConfig:
    """The settings to train an architecture with.

    bored4 has ten times fewer bored faces than happy ones, and is judged by macro-F1.
    """
    config = RECIPES[architecture]
    if labels == "bored4":
        return replace(config, labels=labels, monitor="macro_f1", class_balance=0.5)
    return config


def read_config(path: Path) -> TrainConfig:
    """Read config.json; a setting that an earlier version did not write has its default.

    Raises FileNotFoundError, or ValueError for a file that is no JSON, and for settings or values
    that this version does not know.
    """
    try:
        return _READER.validate_json(path.read_bytes())
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}"
            for one in error.errors()
        )
        raise ValueError(f"{path}: expected settings of this version, found {found}") from error
