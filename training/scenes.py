"""Which photographs show the same scene: a car, a wall, a person's clothes.

Two frames of one scene share details in the same arrangement, however they were mirrored, turned,
scaled, cut or darkened. SIFT finds the details, RANSAC the arrangement.
Source: Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", 2004.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from edge_app.core.progress import Progress
from edge_app.core.types import FloatArray, GrayImage

SAME_SCENE = 5
"""Shared details from which two photographs count as one scene; it merges rather than splits.

Looked at on 687 photographs (235,641 pairs): from 6 up every pair of a sample was one scene; of
the 16 pairs that share 5 and nothing else joins about half are; of those with 4 (145) few, and 4
would join 640 of the 687.
"""

_MAX_SIDE = 320
_DETAILS = 200
_RATIO = 0.8
"""Lowe's test: how much nearer the best match must be than the second best."""

_TOLERANCE = 4.0
"""Pixels at _MAX_SIDE that a detail may lie off the common arrangement."""

_MAX_ZOOM = 2.0


@dataclass(frozen=True)
class Scene:
    """The details of a photograph.

    points: float32 (N, 2), x and y in pixels. descriptors: float32 (N, 128), of length 1.
    """

    points: FloatArray
    descriptors: FloatArray


@dataclass(frozen=True)
class SeenBothWays:
    """A photograph as it is and in a mirror: SIFT itself tells one from the other."""

    plain: Scene
    mirrored: Scene


def describe(gray: GrayImage) -> SeenBothWays:
    """The strongest details of a photograph, uint8 (H, W)."""
    scale = _MAX_SIDE / max(gray.shape)
    size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return SeenBothWays(_details(small), _details(np.ascontiguousarray(small[:, ::-1])))


def _details(gray: GrayImage) -> Scene:
    keypoints, descriptors = cv2.SIFT.create(nfeatures=_DETAILS).detectAndCompute(gray, None)
    if not keypoints:
        return Scene(np.empty((0, 2), np.float32), np.empty((0, 128), np.float32))
    # the root makes SIFT's histograms comparable by their dot product (Arandjelovic, 2012)
    shares = descriptors / descriptors.sum(axis=1, keepdims=True)
    points = np.array([keypoint.pt for keypoint in keypoints], dtype=np.float32)
    return Scene(points, np.sqrt(shares).astype(np.float32))


def similarity(first: SeenBothWays, second: SeenBothWays) -> int:
    """How many details two photographs share, one of them mirrored or not."""
    return max(
        shared_details(first.plain, second.plain), shared_details(first.mirrored, second.plain)
    )


def shared_details(first: Scene, second: Scene) -> int:
    """How many details lie in both, moved, turned and scaled alike; 0 for no common arrangement."""
    if len(first.points) < 2 or len(second.points) < 2:
        return 0
    products = first.descriptors @ second.descriptors.T
    nearest = products.argmax(axis=1)
    two_best = np.partition(products, -2, axis=1)[:, -2:]
    # squared distances, as the descriptors have length 1
    runner_up, best = np.maximum(0.0, 2.0 - 2.0 * two_best).T
    clear = best < _RATIO**2 * runner_up
    if clear.sum() < SAME_SCENE - 1:
        return 0
    source, target = first.points[clear], second.points[nearest[clear]]
    matrix, agreeing = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_TOLERANCE, maxIters=500
    )
    if matrix is None:
        return 0
    zoom = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if not 1.0 / _MAX_ZOOM < zoom < _MAX_ZOOM:
        return 0
    # many details that all match one are that one's
    return len(np.unique(target[agreeing.ravel() > 0].round(), axis=0))


def similarities(scenes: Sequence[SeenBothWays], progress: Progress) -> NDArray[np.int64]:
    """Shared details of all pairs, int64 (N, N), symmetric with a diagonal of 0."""
    result = np.zeros((len(scenes), len(scenes)), dtype=np.int64)
    progress.start(len(scenes))
    for row, first in enumerate(scenes):
        for column in range(row + 1, len(scenes)):
            result[row, column] = result[column, row] = similarity(first, scenes[column])
        progress.advance()
    return result


def groups(shared: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number per photograph, int64 (N,), equal where a chain of same scenes connects them."""
    return connected_components(shared >= SAME_SCENE, directed=False)[1].astype(np.int64)
