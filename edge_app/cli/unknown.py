"""``reconocias people unknown``: strangers whose faces were kept."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from edge_app.cli.gallery import AnywayOption, open_people, refuse_doubtful, space_of_device
from edge_app.cli.options import BundleOption, ConfigOption, StateOption
from edge_app.core.progress import plain_console

if TYPE_CHECKING:
    from edge_app.storage.gallery import Gallery
    from edge_app.storage.unknown import UnknownPeople

app = typer.Typer(
    help="List, name and discard strangers who were kept ([unknown] in the settings).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="As `list` shows it.")]


@app.command("list")
def list_unknown(
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", metavar="DIR", help="Also write their faces, NUMBER-K.png."),
    ] = None,
    state: StateOption = None,
    bundle: BundleOption = None,
) -> None:
    """Every stranger, with how often and when they were seen, and whom they look like."""
    from edge_app.media.photo import write_photo

    columns = ("number", "pictures", "times seen", "first", "last", "looks like")
    table = Table(*columns, box=None, pad_edge=False)
    with open_people(state, bundle) as (gallery, unknown):
        people = unknown.people()
        alike = _likenesses(gallery, unknown, bundle) if people and gallery.people() else {}
        for person in people:
            counts = map(str, (person.id, person.face_count, person.sightings))
            seen = map(_local, (person.first_seen, person.last_seen))
            table.add_row(*counts, *seen, alike.get(person.id, ""))
            if pictures:
                for place, face in enumerate(unknown.faces(person.id), 1):
                    write_photo(pictures / f"{person.id}-{place}.png", face.crop)
    plain_console().print(table if people else "no stranger was kept")


@app.command()
def name(
    number: NumberArgument,
    new_name: Annotated[str, typer.Argument(metavar="NAME", help="Of somebody new or enrolled.")],
    anyway: AnywayOption = False,
    state: StateOption = None,
    bundle: BundleOption = None,
) -> None:
    """Say who a stranger is: somebody new, or one more picture of somebody enrolled."""
    from edge_app.enrolment.variety import thin
    from edge_app.kiosk.settings import device_settings
    from edge_app.storage.people import name_key
    from edge_app.updates.store import bundle_in_use

    with open_people(state, bundle) as (gallery, unknown):
        faces = [face for face in unknown.faces(number) if face.layout == "aligned"]
        if not anyway and faces:
            keys = {name_key(person.name): person for person in gallery.people()}
            person = keys.get(name_key(new_name))
            space = partial(space_of_device, bundle_in_use(bundle))
            refuse_doubtful(gallery, space, [face.crop for face in faces], person)
        person = unknown.name(number, new_name)
        thin(gallery, person.id, device_settings().enrolment.most_samples)
        person = gallery.person(person.id)
    print(f"{person.name}: {person.sample_count} samples")


@app.command()
def discard(
    numbers: Annotated[list[int] | None, typer.Argument(metavar="NUMBER...")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    state: StateOption = None,
) -> None:
    """Delete strangers with every picture of them."""
    from edge_app.core.errors import PeopleError

    if bool(numbers) == everybody:
        raise PeopleError("expected the numbers of strangers or --all, and one of them alone")
    with open_people(state) as (_, unknown):
        chosen = [unknown.person(number) for number in numbers or ()] or unknown.people()
        gone = {person.id for person in chosen}
        for number in gone:
            unknown.discard(number)
    print(f"{len(gone)} strangers deleted")


@app.command()
def forget(
    config: ConfigOption = None,
    state: StateOption = None,
) -> None:
    """Delete strangers and corrections (`people reject`) kept for longer than the settings allow.

    On a kiosk this is done every night; while it runs with [unknown] on, it deletes strangers by
    itself.
    """
    from edge_app.kiosk.settings import device_settings
    from edge_app.storage.events import kept_since
    from edge_app.storage.gallery import Gallery
    from edge_app.storage.state import State, state_folder
    from edge_app.storage.unknown import UnknownPeople

    settings = device_settings(config)
    before = kept_since(settings.unknown.keep_days)
    with State(state_folder(state or settings.state.directory)) as opened:
        strangers = UnknownPeople(opened).forget(before=before, keep=settings.unknown.keep)
        corrections = Gallery(opened).rejections.forget(before=before)
    print(f"{strangers} strangers deleted, {corrections} corrections")


def _likenesses(
    gallery: "Gallery", unknown: "UnknownPeople", bundle: Path | None
) -> dict[int, str]:
    """Whom strangers look like, by their numbers."""
    from edge_app.enrolment.resemblance import likenesses
    from edge_app.updates.store import bundle_in_use

    return likenesses(gallery, unknown, space_of_device(bundle_in_use(bundle)))


def _local(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
