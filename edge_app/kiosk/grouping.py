"""Tells which kept stranger somebody is who comes again."""

from collections.abc import Callable, Sequence

import numpy as np

from edge_app.core.errors import PeopleError
from edge_app.core.types import ColorImage
from edge_app.enrolment.gallery_identifier import embeddings_of
from edge_app.enrolment.groups import mean
from edge_app.enrolment.resemblance import has_cosines, named, stranger_means
from edge_app.storage.unknown import UnknownPeople
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier

SAME_STRANGER = 0.46
"""Cosine between the means of two sightings from which they are of one person. Of wild faces, 5 of
each: 0.1 % of different people are above, and none of the same person below."""


class Grouping:
    """Compares the faces of a sighting with every stranger's.

    By the means of their embeddings where the method in use has cosines, else as an identifier
    would that has the strangers enrolled. space: called when there is somebody to compare with;
    another one after a change of bundles. false_accept_rate: of such an identifier, called then as
    well, as it may change; None: the bundle's.
    """

    def __init__(
        self,
        space: Callable[[], FaceSpace],
        false_accept_rate: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._space = space
        self._false_accept_rate = false_accept_rate

    def number_of(self, crops: Sequence[ColorImage], unknown: UnknownPeople) -> int | None:
        """The stranger whose faces, samples (160, 160, 3), these are; None for a new one."""
        if not unknown.people():
            return None
        space = self._space()
        if not has_cosines(space):
            return self._voted(crops, unknown, space)
        means = stranger_means(unknown, space)
        if not means:
            return None
        face = mean(np.stack([space.enrolled(crop)[0] for crop in crops]))
        likeness = {number: float(face @ other) for number, other in means.items()}
        nearest = max(likeness, key=likeness.__getitem__)
        return nearest if likeness[nearest] >= SAME_STRANGER else None

    def _voted(
        self, crops: Sequence[ColorImage], unknown: UnknownPeople, space: FaceSpace
    ) -> int | None:
        faces = [face for face in unknown.faces() if face.layout == "aligned"]
        if not faces:
            return None
        embeddings = embeddings_of(unknown, space, faces)
        try:
            identifier = PeopleIdentifier(
                space,
                [str(face.unknown_id) for face in faces],
                np.stack([embeddings[face.id] for face in faces]),
                false_accept_rate=self._false_accept_rate(),
            )
        except PeopleError:  # too few for the method to tell apart
            return None
        name = named(crops, identifier)
        return None if name is None else int(name)
