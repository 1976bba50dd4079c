"""What the commands about people stand on."""

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
    from edge_app.storage.gallery import Gallery
    from edge_app.storage.people import Person
    from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier

AnywayOption = Annotated[
    bool,
    typer.Option("--anyway", help="Also a face that looks like another's, or not like its own."),
]


@contextmanager
def open_gallery(folder: Path | None) -> "Iterator[Gallery]":
    """Of the folder, or of the device's state. Raises StateError where it cannot be opened."""
    from edge_app.storage.gallery import Gallery
    from edge_app.storage.state import State

    with State(state_of_device(folder)) as state:
        yield Gallery(state)


def aligned_space(gallery: "Gallery", bundle: "Bundle") -> "FaceSpace":
    """What the device's method makes of faces; who was stored without landmarks is aligned."""
    from edge_app.enrolment.aligning import align_gallery, landmark_finder
    from edge_app.kiosk.settings import device_settings
    from edge_app.vision.parts import load_space

    recognition = device_settings().recognition
    align_gallery(gallery, landmark_finder(bundle, recognition))
    return load_space(bundle, recognition)


def identifier_of(gallery: "Gallery", bundle: "Bundle") -> "PeopleIdentifier":
    """As the kiosk has it: with the rate of false accepts of the device's settings.

    Raises PeopleError for a gallery without anybody who could be named.
    """
    from edge_app.core.errors import PeopleError
    from edge_app.enrolment.gallery_identifier import identifier_for
    from edge_app.kiosk.settings import device_settings

    rate = device_settings().identity.false_accept_rate
    identifier = identifier_for(gallery, aligned_space(gallery, bundle), rate)
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
