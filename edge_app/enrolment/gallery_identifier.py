"""From the people in the database to an identifier that knows them."""

import logging
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Annotated

import numpy as np
from pydantic import Field

from edge_app.bundle.loader import Bundle
from edge_app.core.config import Table
from edge_app.core.errors import ConfigError, PeopleError
from edge_app.core.types import Detector, FloatArray
from edge_app.enrolment.aligning import align_gallery
from edge_app.storage.crops import StoredFace
from edge_app.storage.faces import KeptFaces
from edge_app.storage.gallery import Gallery, Sample
from edge_app.storage.people import Person
from edge_app.vision.parts import DEFAULTS, RecognitionSettings, load_space
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier

_log = logging.getLogger(__name__)


class IdentitySettings(Table):
    """Who the faces are."""

    enabled: bool = True
    """false: nobody is identified or enrolled; who was enrolled before stays until deleted."""
    false_accept_rate: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    """Share of strangers that may be given a name; without it, the bundle's."""

    def require(self) -> None:
        """Raises ConfigError where identities are off, for whoever would enrol somebody."""
        if not self.enabled:
            raise ConfigError("[identity] enabled = false: nobody can be enrolled; set it to true")


def space_of(
    bundle: Bundle, recognition: RecognitionSettings = DEFAULTS
) -> Callable[[], FaceSpace]:
    """Gives what a bundle's method makes of faces; it is read once, when it is first asked for.

    It takes memory that a kiosk without anybody enrolled has no use for.
    """
    return cache(partial(load_space, bundle, recognition))


def identifier_builder(
    space: Callable[[], FaceSpace],
    false_accept_rate: float | None = None,
    detector: Callable[[], Detector] | None = None,
) -> Callable[[Gallery], PeopleIdentifier | None]:
    """What makes an identifier of a gallery. space: called when there is somebody.

    detector: called where faces were stored without landmarks, to align them first; None: they are
    left as they are. While there are fewer people than the bundle's method needs, nobody is named;
    the log says so.
    """

    def build(gallery: Gallery) -> PeopleIdentifier | None:
        if not gallery.people():
            return None
        if detector is not None:
            align_gallery(gallery, detector)
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

    Embeddings are kept in the database; only those of new samples, or all of them after a change
    of the network, are computed. Samples that are not aligned are left out. false_accept_rate:
    default: the bundle's.
    """
    owners, embeddings = gallery_embeddings(gallery, space)
    if not owners:
        return None
    return PeopleIdentifier(
        space,
        [owner.name for owner in owners],
        embeddings,
        rejected=_rejected(gallery, space),
        false_accept_rate=false_accept_rate,
        numbers={owner.name: owner.id for owner in owners},
    )


def gallery_embeddings(gallery: Gallery, space: FaceSpace) -> tuple[list[Person], FloatArray]:
    """Whose each aligned sample is, and its embeddings, float32 (samples, copies, components)."""
    samples, embeddings = sample_embeddings(gallery, space)
    people = {person.id: person for person in gallery.people()}
    return [people[sample.person_id] for sample in samples], embeddings


def sample_embeddings(gallery: Gallery, space: FaceSpace) -> tuple[list[Sample], FloatArray]:
    """The aligned samples of everybody, and what the space makes of them; see above."""
    people = {person.id for person in gallery.people()}
    samples = [
        sample
        for sample in gallery.samples()
        if sample.person_id in people and sample.layout == "aligned"
    ]
    if not samples:
        return [], np.empty((0, 0, 0), np.float32)
    embeddings = embeddings_of(gallery, space, samples)
    return samples, np.stack([embeddings[sample.id] for sample in samples])


def embeddings_of(
    kept: KeptFaces, space: FaceSpace, faces: Sequence[StoredFace]
) -> dict[int, FloatArray]:
    """What a space makes of aligned faces, (copies, components) by their numbers.

    kept: where they are from, and where what had to be computed is kept.
    """
    known = kept.embeddings(space.digest)
    fresh = {face.id: space.enrolled(face.crop) for face in faces if face.id not in known}
    if fresh:
        kept.keep_embeddings(space.digest, fresh)
    return known | fresh


def _rejected(gallery: Gallery, space: FaceSpace) -> dict[str, FloatArray]:
    names = {person.id: person.name for person in gallery.people()}
    rejections = [
        one
        for one in gallery.rejections.faces()
        if one.person_id in names and one.layout == "aligned"
    ]
    embeddings = embeddings_of(gallery.rejections, space, rejections)
    faces: dict[str, list[FloatArray]] = {}
    for rejection in rejections:
        faces.setdefault(names[rejection.person_id], []).append(embeddings[rejection.id][0])
    return {name: np.stack(vectors) for name, vectors in faces.items()}
