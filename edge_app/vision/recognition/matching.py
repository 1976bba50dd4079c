"""How far a face is from everybody enrolled by Eigenfaces, and how far is too far.

Faces are compared in the basis's space after it was turned so that whatever varies between pictures
of one person counts little: shifted copies of the enrolled, their different samples, and strangers
of the bundle in several pictures tell that. The distance also counts against whom else the face
resembles. See docs/decisions/0045.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edge_app.core.types import FloatArray
from edge_app.vision.recognition.identifier import Match

_COHORT_WEIGHT = 2.0
"""The bundle's strangers count as much as so many enrolled people, in the middle and scatter."""
_RIDGE = 0.5
"""Added to the scatter, as a share of its mean eigenvalue: it is known of few samples only."""
_RIVALS = 3
_RIVAL_SHARE = 0.5
"""How much of the mean likeness to the nearest three others is taken off the likeness."""
_MOST_VECTORS = 3200
"""Enrolled vectors that a face is compared with; with more samples, fewer copies of each."""
_MIN_COPIES = 2
_BATCH = 128
"""Strangers that are compared with everybody at once: bounds the memory that takes."""


class Limits(Protocol):
    """camera_gap, max_threshold: see ``EigenfaceSpec``."""

    @property
    def camera_gap(self) -> float: ...

    @property
    def max_threshold(self) -> float: ...


class EigenfaceMatcher:
    """Compares in a basis of eigenfaces.

    owner_ids: the person's number of each sample. projections: float32 (samples, copies, K) as
    ``EigenfaceBasis.enrolled`` gives them, one for each owner. cohort, scatter: the basis's.
    limits: of the threshold.
    """

    def __init__(
        self,
        owner_ids: Sequence[int],
        projections: FloatArray,
        *,
        cohort: FloatArray,
        scatter: NDArray[np.float64],
        limits: Limits,
    ) -> None:
        self._limits = limits
        samples, _, components = projections.shape
        used = copies_used(samples, projections.shape[1])
        order = np.argsort(owner_ids, kind="stable")
        owners = np.asarray(owner_ids)[order]
        vectors = projections[order, :used].astype(np.float64)
        self.people, self._starts = np.unique(owners, return_index=True)
        flat = vectors.reshape(-1, components)
        count = len(self.people)
        middle = flat.mean(axis=0) * (count / (count + _COHORT_WEIGHT))
        self._middle = middle.astype(np.float32)
        self._turn = _whitening(scatter, flat, np.repeat(owners, used), count)
        self._enrolled = self._turned(flat - self._middle)
        self._vectors_from = self._starts * used
        self._cohort = self._turned(cohort - cohort.mean(axis=0))
        self._cohort_distances = self._distances_of_cohort()

    def match(self, face: FloatArray) -> Match:
        turned = self._turned((face - self._middle)[np.newaxis])
        people, distances = self._match(turned, turned @ self._cohort.T)
        return Match(int(self.people[people[0]]), float(distances[0]))

    def threshold(self, false_accept_rate: float) -> float:
        """Of the strangers in the bundle, less the camera's gap."""
        limit = float(np.quantile(self._cohort_distances, false_accept_rate))
        return max(0.0, min(limit - self._limits.camera_gap, self._limits.max_threshold))

    def distances(self, face: FloatArray, others: FloatArray) -> FloatArray:
        """1 - cosine in the turned space."""
        turned = self._turned((face - self._middle)[np.newaxis])[0]
        return np.float32(1.0) - self._turned(others - self._middle) @ turned

    def _match(
        self, faces: FloatArray, strangers: FloatArray
    ) -> tuple[NDArray[np.intp], FloatArray]:
        """The nearest person to each of (N, K) and the distance, (N,) both.

        strangers: likeness of each face to the bundle's strangers, (N, M).
        """
        likeness = np.maximum.reduceat(faces @ self._enrolled.T, self._vectors_from, axis=1)
        nearest = likeness.argmax(axis=1)
        rows = np.arange(len(faces))
        best = likeness[rows, nearest]
        likeness[rows, nearest] = -np.inf
        rivals = np.partition(np.hstack([likeness, strangers]), -_RIVALS, axis=1)[:, -_RIVALS:]
        return nearest, np.maximum(0.0, 1.0 - best + _RIVAL_SHARE * rivals.mean(axis=1))

    def _distances_of_cohort(self) -> FloatArray:
        """Every stranger of the bundle as a face before the camera, the others as its rivals."""
        among = self._cohort @ self._cohort.T
        np.fill_diagonal(among, -np.inf)
        parts = range(0, len(among), _BATCH)
        return np.concatenate(
            [
                self._match(self._cohort[start : start + _BATCH], among[start : start + _BATCH])[1]
                for start in parts
            ]
        )

    def _turned(self, vectors: NDArray[Any]) -> FloatArray:
        turned = vectors @ self._turn
        norms = np.linalg.norm(turned, axis=1, keepdims=True)
        return (turned / np.maximum(norms, 1e-12)).astype(np.float32)


def copies_used(samples: int, copies: int) -> int:
    """How many copies of each sample are compared with: fewer in a large gallery."""
    return min(copies, max(_MIN_COPIES, _MOST_VECTORS // samples))


def within_scatter(vectors: NDArray[np.float64], owner_ids: NDArray[Any]) -> NDArray[np.float64]:
    """How the vectors (N, K) of one person lie around their mean, (K, K), over all people."""
    order = np.argsort(owner_ids, kind="stable")
    starts = np.flatnonzero(np.diff(owner_ids[order], prepend=owner_ids[order][0] - 1))
    counts = np.diff(starts, append=len(order))
    means = np.add.reduceat(vectors[order], starts) / counts[:, np.newaxis]
    apart = vectors[order] - np.repeat(means, counts, axis=0)
    return apart.T @ apart


def _whitening(
    cohort_scatter: NDArray[np.float64],
    vectors: NDArray[np.float64],
    owner_ids: NDArray[Any],
    count: int,
) -> FloatArray:
    """The (K, K) matrix after which pictures of one person scatter alike in every direction."""
    own = within_scatter(vectors, owner_ids)
    trace = float(np.trace(own))
    own_share = count / (count + _COHORT_WEIGHT) if trace > 0.0 else 0.0
    scatter = (own_share / max(trace, 1e-12)) * own + (1.0 - own_share) * cohort_scatter
    scatter += np.eye(len(scatter)) * (_RIDGE * np.trace(scatter) / len(scatter))
    values, directions = np.linalg.eigh(scatter)
    return (directions / np.sqrt(values)).astype(np.float32)
