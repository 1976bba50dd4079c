"""``reconocias annotate``: names and emotions on photos, folders, videos and live sources."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.bundle.literals import Runtime
from edge_app.cli.options import BundleOption
from edge_app.core.i18n import Language
from edge_app.core.progress import ConsoleProgress

EXIT_INTERRUPTED = 130


def annotate(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="What to annotate; see below.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Default: INPUT's name with '.annotated' in it."),
    ] = None,
    results: Annotated[
        Path | None, typer.Option("--results", help="Also write one JSON object per frame here.")
    ] = None,
    bundle: BundleOption = None,
    people: Annotated[
        Path | None, typer.Option("--people", help="Folder with a folder of photos per person.")
    ] = None,
    runtime: Annotated[
        Runtime | None,
        typer.Option("--runtime", help="Default: the fastest here, as the bundle was measured."),
    ] = None,
    emotions: Annotated[bool, typer.Option("--emotions/--no-emotions")] = True,
    language: Annotated[Language, typer.Option("--lang")] = "es",
    duration: Annotated[
        float | None, typer.Option("--duration", min=0.1, help="Stop after so many seconds.")
    ] = None,
) -> None:
    """Write names and emotions on a photo, a folder, a video or a live source."""
    from edge_app.enrolment.folders import load_people
    from edge_app.kiosk.settings import device_settings
    from edge_app.media import annotate
    from edge_app.media.annotate import choose_output
    from edge_app.media.annotators import FaceAnnotator
    from edge_app.media.sources import PhotoSource, open_source
    from edge_app.updates.store import bundle_in_use
    from edge_app.vision.parts import build_detector, build_pipeline

    opened = open_source(source)
    target = choose_output(opened, output, results)
    with ConsoleProgress(Console(stderr=True)) as progress:
        models = bundle_in_use(bundle)
        recognition = device_settings().recognition
        known = []
        if people is not None:
            detector = build_detector(models, recognition, still=True)
            known = load_people(people, detector, progress)
        pipeline = build_pipeline(
            models,
            recognition,
            people=known,
            runtime=runtime,
            emotions=emotions,
            still=isinstance(opened, PhotoSource),
        )
        summary = annotate.annotate_source(
            opened,
            target,
            pipeline,
            FaceAnnotator(language),
            progress,
            results=results,
            duration_s=duration,
        )
    print(
        f"{summary.output}: {summary.frames} frames, {summary.faces} faces in "
        f"{summary.frames_with_faces} of them; {summary.seconds:.1f} s, "
        f"{summary.rate:.1f} frames per second"
    )
    if results:
        print(f"{results}: one JSON object per frame")
    if summary.interrupted:
        print("stopped early; the files hold what was done until then", file=sys.stderr)
        raise typer.Exit(EXIT_INTERRUPTED)
