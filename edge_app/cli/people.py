"""``reconocias people``: who is enrolled, from the command line."""

from functools import cache, partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from edge_app.cli.gallery import (
    AnywayOption,
    doubt_of,
    identifier_of,
    open_gallery,
    refuse_doubtful,
    space_of_device,
)
from edge_app.cli.options import BundleOption, ListsInputs, StateOption
from edge_app.core.progress import plain_console

app = typer.Typer(
    help="List, enrol, rename, merge, correct and delete people.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("list")
def list_people(state: StateOption = None) -> None:
    """Everybody enrolled: how many samples, how many corrections (see reject), and since when."""
    from datetime import datetime

    table = Table("name", "samples", "corrections", "since", box=None, pad_edge=False)
    with open_gallery(state) as gallery:
        people = gallery.people()
    for person in people:
        since = datetime.fromtimestamp(person.created_at).astimezone().strftime("%Y-%m-%d %H:%M")
        counts = map(str, (person.sample_count, person.rejection_count))
        table.add_row(person.name, *counts, since)
    nobody = "nobody is enrolled; see `reconocias people add --help`"
    plain_console().print(table if people else nobody)


@app.command(cls=ListsInputs)
def add(
    name: NameArgument,
    photos: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PHOTO...", help="Photos, and folders of them."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="Folder of photos.")
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option("--camera", metavar="SOURCE", help="Not photos: see below."),
    ] = None,
    more: Annotated[bool, typer.Option("--more", help="To somebody enrolled already.")] = False,
    anyway: AnywayOption = False,
    state: StateOption = None,
    bundle: BundleOption = None,
) -> None:
    """Enrol somebody from photographs, a folder of them, or a camera."""
    from edge_app.core.errors import PeopleError
    from edge_app.enrolment.photographs import Enroller, photos_among, photos_of
    from edge_app.enrolment.variety import thin
    from edge_app.kiosk.settings import device_settings
    from edge_app.storage.people import clean_name
    from edge_app.updates.store import bundle_in_use

    settings = device_settings()
    settings.identity.require()
    name = clean_name(name)
    if sum(map(bool, (photos, folder, camera))) != 1:
        raise PeopleError("expected photos, --from DIR or --camera SOURCE, and one of them alone")
    with open_gallery(state, bundle) as gallery:
        person = gallery.find(name) if more else None
        opened = bundle_in_use(bundle)
        enroller = Enroller(opened, settings.recognition)
        most = settings.enrolment.most_samples
        stored = gallery.samples(person.id) if person else []
        known = [sample.crop for sample in stored if sample.layout == "aligned"]
        if camera:
            samples = enroller.from_camera(camera, known)
        else:
            paths = photos_among(photos) if photos else photos_of(folder or Path())
            samples = enroller.from_photos(paths, "upload", known=known, most=most)
        if not anyway:
            space = partial(space_of_device, opened)
            refuse_doubtful(gallery, space, [one.crop for one in samples], person)
        if person is None:
            person = gallery.enrol(name, samples)
        else:
            person = gallery.add_samples(person.id, samples)
        gone = thin(gallery, person.id, most)
        person = gallery.person(person.id)
    print(f"{person.name}: {len(samples)} samples kept, {person.sample_count} in all")
    if gone:
        print(f"{gone} that told least were deleted ([enrolment] most_samples = {most})")


@app.command()
def rename(name: NameArgument, new_name: str, state: StateOption = None) -> None:
    """Give somebody another name."""
    with open_gallery(state) as gallery:
        person = gallery.rename(gallery.find(name).id, new_name)
    print(f"{name} is now {person.name}")


@app.command()
def delete(name: NameArgument, yes: YesOption = False, state: StateOption = None) -> None:
    """Delete somebody with every sample, embedding and event."""
    with open_gallery(state) as gallery:
        person = gallery.find(name)
        if not yes:
            typer.confirm(
                f"Delete {person.name} with {person.sample_count} samples and all their visits?",
                abort=True,
            )
        gallery.delete(person.id)
    print(f"{person.name}: deleted, with {person.sample_count} samples and every event")


@app.command()
def merge(
    name: NameArgument,
    other: Annotated[str, typer.Argument(help="Who is the same person, and goes.")],
    state: StateOption = None,
) -> None:
    """Give NAME the samples and events of OTHER, who is deleted."""
    from edge_app.enrolment.variety import thin
    from edge_app.kiosk.settings import device_settings

    with open_gallery(state) as gallery:
        person = gallery.merge(gallery.find(name).id, gallery.find(other).id)
        thin(gallery, person.id, device_settings().enrolment.most_samples)
        person = gallery.person(person.id)
    print(f"{person.name}: {person.sample_count} samples")


@app.command()
def reject(
    name: NameArgument,
    photos: Annotated[
        list[Path], typer.Argument(metavar="PHOTO...", help="Of somebody taken for NAME.")
    ],
    state: StateOption = None,
    bundle: BundleOption = None,
) -> None:
    """Teach that faces like those on the photographs are not NAME's.

    The faces are kept as corrections for as long as strangers are ([unknown] keep_days in the
    settings), or until `unreject`.
    """
    from edge_app.enrolment.photographs import Enroller
    from edge_app.kiosk.settings import device_settings
    from edge_app.updates.store import bundle_in_use

    opened = bundle_in_use(bundle)
    with open_gallery(state, bundle) as gallery:
        person = gallery.find(name)
        enroller = Enroller(opened, device_settings().recognition)
        faces = [enroller.face_in(photo) for photo in photos]
        before = identifier_of(gallery, opened)
        for face in faces:
            gallery.rejections.add(person.id, face)
        after = identifier_of(gallery, opened)
    for photo, face in zip(photos, faces, strict=True):
        was, now = (one.identify_sample(face).name or "unknown" for one in (before, after))
        print(f"{photo}: was {was}, is {now}")


@app.command()
def unreject(name: NameArgument, state: StateOption = None) -> None:
    """Forget every face that was said not to be NAME's, here or on the page, as after a mistake."""
    with open_gallery(state) as gallery:
        person = gallery.find(name)
        count = gallery.rejections.delete_of(person.id)
    print(f"{person.name}: {count} corrections deleted")


@app.command()
def export(folder: Path, state: StateOption = None) -> None:
    """Write the stored face samples as PNG files below a folder, one folder per person."""
    from edge_app.enrolment.folders import export_people

    with open_gallery(state) as gallery:
        count = export_people(gallery, folder)
    print(f"{folder}: {count} samples; they are photographs of people, so keep them safe")


@app.command("import")
def import_people(
    folder: Path,
    anyway: AnywayOption = False,
    state: StateOption = None,
    bundle: BundleOption = None,
) -> None:
    """Enrol a folder with one folder of photos or face crops per person, and keep going.

    Reads what ``export`` wrote and the student project's ``reconocimiento/NAME/*.jpg``. Of people
    who were exported all come back; those who look like another are named in a warning.
    """
    import logging

    from edge_app.core.errors import PeopleError
    from edge_app.enrolment.folders import homes_in
    from edge_app.enrolment.photographs import Enroller, photos_of
    from edge_app.kiosk.settings import device_settings
    from edge_app.updates.store import bundle_in_use

    settings = device_settings()
    settings.identity.require()
    most = settings.enrolment.most_samples
    failed = []
    with open_gallery(state, bundle) as gallery:
        opened = bundle_in_use(bundle)
        enroller = Enroller(opened, settings.recognition)
        space = cache(partial(space_of_device, opened))
        for name, home in homes_in(folder):
            try:
                photos = photos_of(home)
                samples = enroller.from_photos(photos, "import", crops_too=True, most=most)
                crops = [one.crop for one in samples]
                if not anyway and enroller.are_samples(photos):
                    if doubt := doubt_of(gallery, space, crops):
                        logging.getLogger(__name__).warning("%s %s", name, doubt)
                elif not anyway:
                    refuse_doubtful(gallery, space, crops)
                person = gallery.enrol(name, samples)
            except PeopleError as error:
                failed.append(f"{name}: {error}")
                continue
            print(f"{person.name}: {person.sample_count} samples")
    if failed:  # whoever could be imported was
        raise PeopleError("not imported: " + "; ".join(failed))
