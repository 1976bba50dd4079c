"""``reconocias people`` test, calibrate, check and retrain: how well people are recognised."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from edge_app.cli.gallery import identifier_of, open_gallery, space_of_device
from edge_app.cli.options import BundleOption, StateOption
from edge_app.core.progress import plain_console

app = typer.Typer()


@app.command()
def retrain(state: StateOption = None, bundle: BundleOption = None) -> None:
    """Compute everybody's embeddings anew, as after a change of the bundle."""
    import time

    from edge_app.updates.store import bundle_in_use

    opened = bundle_in_use(bundle)
    with open_gallery(state, bundle) as gallery:
        gallery.forget_embeddings()
        gallery.rejections.forget_embeddings()
        started = time.perf_counter()
        identifier = identifier_of(gallery, opened)
        count = sum(person.sample_count for person in gallery.people())
    seconds = time.perf_counter() - started
    print(
        f"{count} samples in {seconds:.2f} s; named up to a distance of {identifier.threshold:.3f}"
    )


@app.command()
def test(
    folder: Annotated[Path, typer.Argument(help="DIR/NAME/*.jpg; other names are strangers.")],
    state: StateOption = None,
    bundle: BundleOption = None,
) -> None:
    """Who is taken for whom on photographs, as a confusion matrix."""
    from edge_app.core.confusion import confusion
    from edge_app.enrolment.folders import homes_in, identify_photos, photos_of_people
    from edge_app.kiosk.settings import device_settings
    from edge_app.updates.store import bundle_in_use
    from edge_app.vision.parts import build_detector

    opened = bundle_in_use(bundle)
    with open_gallery(state, bundle) as gallery:
        identifier = identifier_of(gallery, opened)
    photos = photos_of_people(homes_in(folder))
    detector = build_detector(opened, device_settings().recognition, still=True)
    found = identify_photos(photos, identifier, detector)
    shown = sorted({name for name, _ in found})
    given = sorted({answer for _, answer in found if answer is not None})
    table = Table("", *given, "unknown", box=None, pad_edge=False)
    for name, row in zip(shown, confusion(found, shown, [*given, None]), strict=True):
        table.add_row(name, *map(str, row))
    plain_console().print(table)
    right = sum(answer == (name if name in identifier.names else None) for name, answer in found)
    print(f"{right} of {len(found)} right")


@app.command()
def calibrate(
    output: Annotated[Path, typer.Option("-o", "--output", help="SVG file to draw.")] = Path(
        "calibration.svg"
    ),
    state: StateOption = None,
    bundle: BundleOption = None,
) -> None:
    """Draw strangers accepted against the enrolled recognised, for the present gallery.

    Every sample is tried as if it were new: its person enrolled with half of their samples, and
    not at all.
    """
    from edge_app.enrolment.calibration import calibration_of
    from edge_app.enrolment.calibration_curve import draw
    from edge_app.kiosk.settings import device_settings
    from edge_app.updates.store import bundle_in_use

    rate = device_settings().identity.false_accept_rate
    with open_gallery(state, bundle) as gallery:
        space = space_of_device(bundle_in_use(bundle))
        calibration = calibration_of(gallery, space, rate)
    columns = ("strangers named", "up to a distance of", "enrolled recognised", "taken for another")
    table = Table(*columns, box=None, pad_edge=False)
    for point in calibration.points:
        table.add_row(
            f"{point.false_accepts:.1%}",
            f"{point.threshold:.3f}",
            f"{point.recognised:.1%}",
            f"{point.mistaken:.1%}",
        )
    plain_console().print(table)
    for sentence in calibration.verdict:
        print(sentence)
    draw(calibration.points, output)
    print(f"{output}: set `false_accept_rate` under [identity] to change what is used")


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    state: StateOption = None,
    bundle: BundleOption = None,
) -> None:
    """Name samples and people that make recognition worse: look-alikes, strays, too few samples.

    Numbers are those of the samples, as on the person's page.
    """
    import json

    from edge_app.core.i18n import translate
    from edge_app.enrolment import health
    from edge_app.updates.store import bundle_in_use

    with open_gallery(state, bundle) as gallery:
        found = health.check(gallery, space_of_device(bundle_in_use(bundle)))
    if as_json:
        print(json.dumps([finding.record() for finding in found], ensure_ascii=False, indent=2))
        return
    for finding in found:
        numbers = ", ".join(map(str, finding.samples))
        words = translate(finding.text, "en").format(**finding.values())
        print(f"{words} [{numbers}]" if numbers else words)
    if not found:
        print("nothing found")
