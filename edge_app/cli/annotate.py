"""``reconocias annotate``: names and emotions on photos, folders, videos and live sources."""

import logging
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge_app.bundle.literals import DetectorChoice, MethodChoice, Runtime
from edge_app.cli.options import BundleOption
from edge_app.core.i18n import Language
from edge_app.core.progress import ConsoleProgress

EXIT_INTERRUPTED = 130

_log = logging.getLogger(__name__)


def annotate(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="What to annotate; see below.",
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="Default: INPUT's name with '.annotated' in it; none: --results alone.",
        ),
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
    detector: Annotated[
        DetectorChoice, typer.Option("--detector", help="auto: the bundle's first that runs here.")
    ] = "auto",
    method: Annotated[
        MethodChoice, typer.Option("--method", help="How people are told apart; auto: likewise.")
    ] = "auto",
    min_face: Annotated[
        int | None,
        typer.Option("--min-face", min=8, help="Pixels of the smallest face that is looked for."),
    ] = None,
    emotions: Annotated[bool, typer.Option("--emotions/--no-emotions")] = True,
    unclear: Annotated[
        bool,
        typer.Option("--unclear/--no-unclear", help="Whether a face may show no clear emotion."),
    ] = True,
    language: Annotated[Language, typer.Option("--lang")] = "es",
    duration: Annotated[
        float | None, typer.Option("--duration", min=0.1, help="Stop after so many seconds.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Cores to use. Default: all, as memory allows."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave out a folder's photos that are done already.")
    ] = False,
) -> None:
    """Write names and emotions on a photo, a folder, a video or a live source."""
    import cv2

    from edge_app.enrolment.folders import load_people
    from edge_app.enrolment.resemblance import look_alikes
    from edge_app.media import annotate
    from edge_app.media.annotators import FaceAnnotator
    from edge_app.media.outputs import check_resumable, choose_output
    from edge_app.media.side_by_side import usable_workers
    from edge_app.media.sources import PhotoSource, open_source
    from edge_app.updates.store import bundle_in_use
    from edge_app.vision.parts import (
        RecognitionSettings,
        build_detector,
        build_pipeline,
        load_space,
    )

    recognition = RecognitionSettings(detector=detector, method=method, min_face=min_face)
    workers = workers or usable_workers()
    cv2.setNumThreads(1)  # whole frames and photographs keep the cores busy, with less ado
    opened = open_source(source, threads=workers)
    target = choose_output(opened, output, results)
    if resume:
        check_resumable(opened)
    with ConsoleProgress(Console(stderr=True)) as progress:
        models = bundle_in_use(bundle)
        known = []
        if people is not None:
            known = load_people(people, build_detector(models, recognition, still=True), progress)
            for one, other, similarity in look_alikes(known, load_space(models, recognition)):
                _log.warning(
                    "%s: %s and %s look like one person (%.2f); if they are, put the photos into "
                    "one folder",
                    *(people, one, other, similarity),
                )
        build = partial(
            build_pipeline,
            models,
            recognition,
            people=known,
            runtime=runtime,
            emotions=emotions,
            unclear=unclear,
            still=isinstance(opened, PhotoSource),
        )
        summary = annotate.annotate_source(
            opened,
            target,
            build,
            FaceAnnotator(language),
            progress,
            results=results,
            duration_s=duration,
            workers=workers,
            resume=resume,
        )
    print(
        f"{summary.output or source}: {summary.frames} frames, {summary.faces} faces in "
        f"{summary.frames_with_faces} of them; {summary.seconds:.1f} s, "
        f"{summary.rate:.1f} frames per second"
    )
    if resume:
        print(f"{summary.skipped} photos were done already")
    if results:
        print(f"{results}: one JSON object per frame")
    if summary.interrupted:
        print("stopped early; the files hold what was done until then", file=sys.stderr)
        raise typer.Exit(EXIT_INTERRUPTED)
