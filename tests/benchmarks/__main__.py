"""``python -m tests.benchmarks``: figures, as ratios against a baseline of the same run."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from edge_app.bundle.literals import DetectorChoice, MethodChoice
from edge_app.core.progress import ConsoleProgress
from training.datasets.fer2013 import Usage

app = typer.Typer(help=__doc__, add_completion=False)


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Run what needs no data."""
    if context.invoked_subcommand is None:
        speed()


@app.command()
def speed(
    seconds: Annotated[int, typer.Option(min=2, help="Length of the clip.")] = 10,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    fer: Annotated[
        Path | None,
        typer.Option(
            help="Folder of `pip install --no-deps --target DIR fer==25.10.3` (train extra)."
        ),
    ] = None,
) -> None:
    """Faces and emotions in recorded video on one core, against fer and the student project."""
    from tests.benchmarks.speed import measure

    table = Table("loop", "frames per second", "against the first", "frames with a face")
    for row in measure(seconds, rounds, fer):
        table.add_row(row.name, f"{row.rate:.1f}", f"{row.ratio:.2f}", f"{row.found:.2f}")
    Console().print(table)


@app.command()
def recorded(
    photographs: Annotated[int, typer.Option(min=1)] = 200,
    seconds: Annotated[int, typer.Option(min=2, help="Length of the clip.")] = 20,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    cores: Annotated[int, typer.Option(min=2)] = 2,
) -> None:
    """Annotating a folder and a 640x480 clip on several cores against one, in one run."""
    from tests.benchmarks.recorded import measure

    table = Table("annotate", "one core, s", f"{cores} cores, s", "times as fast")
    for row in measure(photographs, seconds, rounds, cores):
        table.add_row(row.name, f"{row.alone_s:.1f}", f"{row.together_s:.1f}", f"{row.ratio:.2f}")
    Console().print(table)


@app.command()
def identity(
    wild: Annotated[
        Path | None, typer.Option("--wild", help="Folder of the wild faces: pNN/NN.jpg.")
    ] = None,
    orl: Annotated[
        Path | None, typer.Option("--orl", help="Folder of the ORL faces: sNN/K.pgm.")
    ] = None,
    method: Annotated[MethodChoice, typer.Option()] = "sface",
    draws: Annotated[int, typer.Option(min=1, help="For each size of gallery.")] = 400,
    at: Annotated[
        list[float] | None, typer.Option(help="Another similarity to tell the shares at.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Default: the packaged one.")] = None,
) -> None:
    """Who is named, among known people and strangers, as the gallery grows; the curve for it."""
    from tests.benchmarks.identity import RATES, SIZES, measure, read_faces

    similarities = at or []
    galleries = ((wild, SIZES, "wild"), (orl, ((20, 5),), "ORL"))
    for folder, sizes, name in galleries:
        if folder is None:
            continue
        with ConsoleProgress(Console(stderr=True)) as progress:
            faces = read_faces(folder, method, bundle, progress)
        rows = [measure(faces, *size, draws, similarities) for size in sizes]
        table = Table("gallery", "right at 1 % strangers", "as shipped: right", "strangers")
        for similarity in similarities:
            table.add_column(f"at {similarity}")
        for row in rows:
            shares = (f"{one.right:.4f} / {one.strangers:.4f}" for one in row.at)
            shipped = (f"{row.shipped.right:.4f}", f"{row.shipped.strangers:.4f}")
            size = f"{row.people} x {row.samples}"
            table.add_row(size, f"{row.right_at_1_percent:.4f}", *shipped, *shares)
        console = Console()
        console.print(f"{name}, {method}: {len(faces.people)} faces, {faces.missed} not found")
        console.print(table)
        if folder is wild:
            strictest = zip(*(row.strictest for row in rows), strict=True)
            console.print("similarity that lets in a share of strangers, the strictest gallery's:")
            for rate, similarity in zip(RATES, map(max, strictest), strict=True):
                console.print(f"{rate:.1%}: {similarity:.3f}")


@app.command()
def emotions(
    data: Annotated[Path, typer.Option(help="Folder with fer2013.csv and ferplus.csv.")],
    split: Annotated[Usage, typer.Option(help="PrivateTest is for a report.")] = "PublicTest",
    count: Annotated[int, typer.Option(min=1)] = 600,
    detector: Annotated[DetectorChoice, typer.Option()] = "auto",
    bundle: Annotated[Path | None, typer.Option(help="Default: the packaged one.")] = None,
) -> None:
    """FER2013's faces as photographs, through `annotate`, against what most of FER+'s voters saw.

    Needs the train extra.
    """
    from tests.benchmarks.emotions import measure

    with ConsoleProgress(Console(stderr=True)) as progress:
        found = measure(data, split, count, bundle, detector, progress)
    print(
        f"{found.photographs} photographs of {split}: right {found.right:.1%} of all, no face in "
        f"{found.missed:.1%}; a clear emotion in {found.shown:.1%}, right in "
        f"{found.shown_right:.1%} of these"
    )


@app.command()
def kiosk(frames: Annotated[int, typer.Option(min=100)] = 600) -> None:
    """The kiosk's loop on one core: against the student project's, and its times a frame.

    Needs the train extra for the student project's network.
    """
    from tests.benchmarks.kiosk import first_name, latency, race

    table = Table("faces", "p50 ms", "p99 ms", "mean ms", "of which")
    for faces in (1, 10):
        row = latency(faces, frames)
        stages = ", ".join(f"{stage} {ms:.2f}" for stage, ms in row.stages.items())
        table.add_row(str(faces), f"{row.p50:.2f}", f"{row.p99:.2f}", f"{row.mean:.2f}", stages)
    Console().print(table)
    result = race(max(30, frames // 20))
    print(
        f"frames per second, one face: student project {result.student:.1f}, "
        f"kiosk {result.kiosk:.1f}, ratio {result.ratio:.1f}"
    )
    print(f"from the start of the process to the first name: {first_name(5):.2f} s")


@app.command()
def learning(steps: Annotated[int, typer.Option(min=1)] = 20) -> None:
    """A step of training in bfloat16, with batch normalisation fused and as Keras composes it.

    Needs PyTorch and KERAS_BACKEND=torch.
    """
    from tests.benchmarks.learning import measure
    from training.config import ArchitectureName

    table = Table("network", "composed, s", "fused, s", "fused to composed")
    architectures: tuple[ArchitectureName, ...] = ("compact", "vgg")
    for architecture in architectures:
        try:
            row = measure(architecture, steps)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        table.add_row(architecture, f"{row.composed:.2f}", f"{row.fused:.2f}", f"{row.ratio:.2f}")
    Console().print(table)


@app.command()
def soak(seconds: Annotated[float, typer.Option(min=10.0)] = 600.0) -> None:
    """Start and memory of `reconocias run` with a test pattern."""
    from tests.benchmarks.kiosk import soak as measure

    result = measure(seconds)
    print(
        f"ready after {result.ready_s:.2f} s, {result.ready_cpu_s:.2f} s of CPU; "
        f"{result.resident_mib:.1f} MiB resident, "
        f"{result.slope_mib_per_hour:+.2f} MiB an hour over {seconds:.0f} s"
    )


@app.command()
def viewers(
    count: Annotated[int, typer.Option(min=1)] = 50,
    seconds: Annotated[float, typer.Option(min=2.0)] = 10.0,
) -> None:
    """What viewers of the live picture cost the kiosk, and how old their frames are."""
    from tests.benchmarks.viewers import measure

    crowd = measure(count, seconds)
    print(
        f"frames per second: alone {crowd.rate_alone:.1f}, with {count} viewers "
        f"{crowd.rate_watched:.1f}, kept {crowd.kept:.3f}\n"
        f"age of a frame: p99 {crowd.p99_ms:.0f} ms, oldest {crowd.oldest_ms:.0f} ms; "
        f"at least {crowd.frames} frames each\n"
        f"the kiosk's process: CPU {crowd.cpu_alone:.2f} and {crowd.cpu_watched:.2f} of a core, "
        f"memory {crowd.grown_mib:+.1f} MiB"
    )


@app.command()
def push(rounds: Annotated[int, typer.Option(min=1)] = 5) -> None:
    """Pushing a bundle to a healthy kiosk on the test bed: until it is kept, and its down time.

    Needs root and what the tests of the test bed need.
    """
    from tests.benchmarks.push import measure

    table = Table("bundle MB", "s until committed", "s without a live picture")
    for row in measure(rounds):
        table.add_row(f"{row.megabytes:.1f}", f"{row.seconds:.1f}", f"{row.down_s:.1f}")
    Console().print(table)


@app.command()
def bundle(
    folder: Annotated[
        Path | None, typer.Argument(metavar="BUNDLE", help="Default: the packaged one.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
) -> None:
    """Verifying, installing and loading a bundle, each as a process of its own."""
    from edge_app.bundle.loader import default_bundle_folder
    from tests.benchmarks.bundle import measure

    table = Table("process", "seconds", "of them CPU", "CPU against the first")
    for row in measure(folder or default_bundle_folder(), rounds):
        table.add_row(row.name, f"{row.wall_s:.2f}", f"{row.cpu_s:.2f}", f"{row.ratio:.1f}")
    Console().print(table)


@app.command()
def people(
    bundle: Annotated[Path | None, typer.Option(help="Default: the packaged one.")] = None,
    method: Annotated[MethodChoice, typer.Option()] = "auto",
) -> None:
    """Naming a face, enrolling one more, listing, as the gallery grows; enrolling by camera."""
    from tests.benchmarks.enrolling import collect, stall
    from tests.benchmarks.people import listing, loading_ms, measure

    print(f"reading the network or the basis: {loading_ms(bundle, method):.0f} ms")
    listed = listing(bundle, 30, 50)
    print(
        f"listing 30 people of 50 samples: API {listed.api_ms:.1f} ms, page {listed.page_ms:.1f}; "
        f"decoding the samples takes {listed.decoding_ms:.1f}, the page "
        f"{listed.page_ms / listed.decoding_ms:.2f} of that"
    )
    table = Table("people", "samples each", "comparing, ms", "embedding, ms", "one more, ms")
    for row in measure(bundle, method, [(1, 30), (10, 30), (50, 30), (200, 10), (1000, 10)]):
        times = (f"{row.comparing_ms:.2f}", f"{row.embedding_ms:.2f}", f"{row.enrolling_ms:.0f}")
        table.add_row(str(row.people), str(row.samples), *times)
    Console().print(table)
    collected = collect(bundle, (20, 30, 40))
    reached = ", ".join(f"{number} after {s:.1f} s" for number, s in collected.seconds.items())
    print(f"good pictures of a camera: {reached}; judging a frame takes {collected.gate_ms:.2f} ms")
    stalled = stall(bundle, 20, 10)
    table = Table("20 of 10 samples, live", "longest gap between frames, ms", "of processor time")
    table.add_row("alone", f"{stalled.alone.wall_ms:.0f}", f"{stalled.alone.processor_ms:.0f}")
    enrolling = stalled.enrolling
    table.add_row("one more enrolled", f"{enrolling.wall_ms:.0f}", f"{enrolling.processor_ms:.0f}")
    Console().print(table)
    print(
        f"recognised {stalled.enrolled_s:.2f} s after the samples were there, "
        f"{stalled.enrolled_processor_s:.2f} s of processor time"
    )


app(prog_name="python -m tests.benchmarks")
