"""Whether persons of Training stand in a test split, too: asked of what a kiosk tells people by."""

import numpy as np
from numpy.typing import NDArray

from edge_app.core.types import ColorImage
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier
from training.datasets.fer2013 import USAGES

_TRAINING = USAGES.index("Training")
_MOST_SAMPLES = 10
"""Enrolled of a group: more frames of one moment tell little more, and take their time."""


def recognised(
    samples: ColorImage, groups: NDArray[np.int64], usage: NDArray[np.int64], space: FaceSpace
) -> NDArray[np.int64]:
    """The faces of the test splits that are taken for somebody of Training.

    Every group of Training is enrolled as one person, and strangers may be named as often as the
    space's bundle allows. samples: uint8 (N, 160, 160, 3). groups: (N,). usage: (N,), indices into
    USAGES. Returns int64 (M,), indices into the faces.
    """
    training = np.flatnonzero(usage == _TRAINING)
    enrolled = np.concatenate(
        [
            training[groups[training] == group][:_MOST_SAMPLES]
            for group in np.unique(groups[training])
        ]
    )
    identifier = PeopleIdentifier(
        space,
        [str(groups[index]) for index in enrolled],
        np.stack([space.enrolled(samples[index]) for index in enrolled]),
    )
    others = np.flatnonzero(usage != _TRAINING)
    return np.array(
        [index for index in others if identifier.identify_sample(samples[index]).name],
        dtype=np.int64,
    )
