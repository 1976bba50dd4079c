"""What the commands about people stand on."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_app.cli.options import state_of_device

if TYPE_CHECKING:
    from edge_app.bundle.loader import Bundle
    from edge_app.core.types import ColorImage
    from edge_app.enrolment.doubts import Doubt
    from edge_app.storage.faces import KeptFaces
    from edge_app.storage.gallery import Gallery
    from edge_app.storage.people import Person
    from edge_app.storage.unknown import UnknownPeople
    from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier

AnywayOption = Annotated[
    bool,
    typer.Option("--anyway", help="Also a face that looks like another's, or not like its own."),
]


_log = logging.getLogger(__name__)


@contextmanager
def open_people(
    folder: Path | None, bundle: Path | None = None
) -> "Iterator[tuple[Gallery, UnknownPeople]]":
    """Of the folder, or of the device's state; faces stored without landmarks are aligned first.

    bundle: by whose detector. Raises StateError where the state cannot be opened.
    """
    from edge_app.storage.gallery import Gallery
    from edge_app.storage.state import State
    from edge_app.storage.unknown import UnknownPeople

    with State(state_of_device(folder)) as state:
        gallery, unknown = Gallery(state), UnknownPeople(state)
        for kept in (gallery, gallery.rejections, unknown):
            if kept.unaligned(most=1):
                _align(kept, bundle)
        yield gallery, unknown


@contextmanager
def open_gallery(folder: Path | None, bundle: Path | None = None) -> "Iterator[Gallery]":
    """The enrolled alone; see ``open_people``."""
    with open_people(folder, bundle) as (gallery, _):
        yield gallery


def _align(kept: "KeptFaces", bundle: Path | None) -> None:
    """Where no detector can be built a warning says so: people can be listed all the same."""
    from edge_app.core.errors import ReconociasError
    from edge_app.enrolment.aligning import align_stored, landmark_finder
    from edge_app.kiosk.settings import device_settings
    from edge_app.updates.store import bundle_in_use

    try:
        align_stored(kept, landmark_finder(bundle_in_use(bundle), device_settings().recognition))
    except ReconociasError as error:
        _log.warning("stored faces not aligned: %s", error)


def space_of_device(bundle: "Bundle") -> "FaceSpace":
    """What the device's method makes of faces."""
    from edge_app.kiosk.settings import device_settings
    from edge_app.vision.parts import load_space

    return load_space(bundle, device_settings().recognition)


def identifier_of(gallery: "Gallery", bundle: "Bundle") -> "PeopleIdentifier":
    """As the kiosk has it: with the rate of false accepts of the device's settings.

    Raises PeopleError for a gallery without anybody who could be named.
    """
    from edge_app.core.errors import PeopleError
    from edge_app.enrolment.gallery_identifier import identifier_for
    from edge_app.kiosk.settings import device_settings

    rate = device_settings().identity.false_accept_rate
    identifier = identifier_for(gallery, space_of_device(bundle), rate)
    if identifier is None:
        raise PeopleError("expected somebody enrolled, found nobody; see `reconocias people add`")
    return identifier


def doubt_of(
    gallery: "Gallery",
    space: "Callable[[], FaceSpace]",
    crops: "Sequence[ColorImage]",
    person: "Person | None" = None,
) -> "Doubt | None":
    """What speaks against giving samples to a person; see ``enrolment.doubts``."""
    from edge_app.enrolment.doubts import doubt_about
    from edge_app.kiosk.settings import device_settings

    rate = device_settings().identity.false_accept_rate
    return doubt_about(gallery, space, crops, person, rate)


def refuse_doubtful(
    gallery: "Gallery",
    space: "Callable[[], FaceSpace]",
    crops: "Sequence[ColorImage]",
    person: "Person | None" = None,
) -> None:
    """Raises PeopleError where there is something to ``doubt_of``."""
    from edge_app.core.errors import PeopleError

    doubt = doubt_of(gallery, space, crops, person)
    if doubt is None:
        return
    advice = "look at the pictures"
    if doubt.kind == "looks_like" and doubt.person is not None:
        advice = f"add the pictures to {doubt.person.name} (people add --more)"
    raise PeopleError(f"{doubt.sentence}; {advice}, or say --anyway")
