"""From the people in the database to an identifier that knows them."""

import logging
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Annotated

import numpy as np
from pydantic import Field

from edge_app.bundle.loader import Bundle
from edge_app.core.config import Table
from edge_app.core.errors import ConfigError, PeopleError
from edge_app.core.types import FloatArray, GrayImage
from edge_app.storage.gallery import Gallery, Sample
from edge_app.storage.people import Person
from edge_app.vision.preprocess import resize
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier
from edge_app.vision.recognition.methods import load_space

_log = logging.getLogger(__name__)


class IdentitySettings(Table):
    """Who the faces are."""

    enabled: bool = True
    """false: nobody is identified or enrolled; who was enrolled before stays until deleted."""
    false_accept_rate: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    """Share of strangers that may be given a name; without it, the bundle's (1 %)."""

    def require(self) -> None:
        """Raises ConfigError where identities are off, for whoever would enrol somebody."""
        if not self.enabled:
            raise ConfigError("[identity] enabled = false: nobody can be enrolled; set it to true")


def space_of(bundle: Bundle) -> Callable[[], FaceSpace]:
    """Gives what a bundle's method makes of faces; it is read once, when it is first asked for.

    It takes memory that a kiosk without anybody enrolled has no use for.
    """
    return cache(partial(load_space, bundle))


def identifier_builder(
    space: Callable[[], FaceSpace], false_accept_rate: float | None = None
) -> Callable[[Gallery], PeopleIdentifier | None]:
    """What makes an identifier of a gallery. space: called when there is somebody.

    While there are fewer people than the bundle's method needs, nobody is named; the log says so.
    """

    def build(gallery: Gallery) -> PeopleIdentifier | None:
        if not gallery.people():
            return None
        try:
            return identifier_for(gallery, space(), false_accept_rate)
        except PeopleError as error:
            _log.warning("nobody is named", extra={"reason": str(error)})
            return None

    return build


def identifier_for(
    gallery: Gallery, space: FaceSpace, false_accept_rate: float | None = None
) -> PeopleIdentifier | None:
    """An identifier of everybody in a gallery, None of nobody.

    Projections are kept in the database; only those of new samples, or all of them after a change
    of the bundle, are computed. false_accept_rate: default: the bundle's.
    """
    owners, projections = gallery_projections(gallery, space)
    if not owners:
        return None
    return PeopleIdentifier(
        space,
        [owner.name for owner in owners],
        projections,
        rejected=_rejected(gallery, space),
        false_accept_rate=false_accept_rate,
        numbers={owner.name: owner.id for owner in owners},
    )


def gallery_projections(gallery: Gallery, space: FaceSpace) -> tuple[list[Person], FloatArray]:
    """Whose each sample is, and its projections, float32 (samples, copies, components)."""
    people = {person.id: person for person in gallery.people()}
    samples = [sample for sample in gallery.samples() if sample.person_id in people]
    projections = _projections(gallery, space, samples)
    if not samples:
        return [], np.empty((0, 0, 0), np.float32)
    owners = [people[sample.person_id] for sample in samples]
    return owners, np.stack([projections[sample.id] for sample in samples])


def _projections(
    gallery: Gallery, space: FaceSpace, samples: Iterable[Sample]
) -> dict[int, FloatArray]:
    known = gallery.projections(space.digest)
    fresh = {
        sample.id: space.enrolled(sized(sample.crop, space))
        for sample in samples
        if sample.id not in known
    }
    if fresh:
        gallery.keep_projections(space.digest, fresh)
    return known | fresh


def _rejected(gallery: Gallery, space: FaceSpace) -> dict[str, FloatArray]:
    names = {person.id: person.name for person in gallery.people()}
    faces: dict[str, list[FloatArray]] = {}
    for rejection in gallery.rejections.faces():
        if rejection.person_id in names:
            projection = space.project(sized(rejection.crop, space)[np.newaxis])
            faces.setdefault(names[rejection.person_id], []).append(projection)
    return {name: np.vstack(projections) for name, projections in faces.items()}


def sized(crop: GrayImage, space: FaceSpace) -> GrayImage:
    """A sample as this bundle wants it; it may have been kept while another one was in use."""
    return resize(crop, space.spec.crop.size, space.spec.crop.interpolation)
