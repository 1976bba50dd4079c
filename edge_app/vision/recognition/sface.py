"""Face embeddings: the network SFace behind the FaceSpace protocol.

A person is the mean of their samples' embeddings; a face is compared with every person by the
cosine. The cosine that names is read off a curve in the manifest, by the share of strangers that it
lets in.

Source: Zhong et al. 2021, "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face
Recognition".
"""

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from edge_app.bundle.literals import Runtime
from edge_app.bundle.loader import Bundle
from edge_app.bundle.manifest import NetworkSpec, Strict
from edge_app.core.types import ColorImage, FloatArray
from edge_app.vision.align import TEMPLATE_SIZE, template_crops
from edge_app.vision.inference import Network, choose_model, load_network
from edge_app.vision.recognition.identifier import IdentifierSpec, Match

Rate = Annotated[float, Field(gt=0.0, lt=1.0)]


class OperatingPoint(Strict):
    """What was measured at a threshold. false_accept_rate: share of strangers that were named."""

    false_accept_rate: Rate
    similarity: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Cosine from which a face is named."""


def _stricter_by_rate(curve: tuple[OperatingPoint, ...]) -> tuple[OperatingPoint, ...]:
    ordered = sorted(curve, key=lambda point: point.false_accept_rate)
    similarities = [point.similarity for point in ordered]
    if any(one <= other for one, other in pairwise(similarities)):
        raise ValueError("expected a higher similarity for each lower rate of false accepts")
    return tuple(ordered)


class SfaceSpec(IdentifierSpec, NetworkSpec):
    """Embeddings of aligned faces, compared by their cosine."""

    title: ClassVar[str] = "SFace"
    needs_landmarks: ClassVar[bool] = True

    kind: Literal["sface"] = "sface"
    dimensions: Annotated[int, Field(ge=2)]
    """Numbers of an embedding."""
    curve: Annotated[
        tuple[OperatingPoint, ...], Field(min_length=2), AfterValidator(_stricter_by_rate)
    ]
    """The threshold by the share of strangers that it names, measured on people in the wild."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        return (TEMPLATE_SIZE, TEMPLATE_SIZE, 3)

    @property
    def outputs(self) -> int:
        return self.dimensions

    def answers(self, outputs: FloatArray) -> FloatArray:
        return unit(outputs)

    def difference(self, found: FloatArray, expected: FloatArray) -> float:
        """1 - cosine."""
        return float((1.0 - (found * expected).sum(axis=1)).max())

    def similarity_at(self, false_accept_rate: float) -> float:
        """The cosine for a rate, between the measured ones on a logarithmic scale.

        Below the lowest rate the curve's first step goes on, and never reaches 1; above the highest
        its similarity stays.
        """
        rates = np.log([point.false_accept_rate for point in self.curve])
        similarities = np.array([point.similarity for point in self.curve])
        wanted = float(np.log(false_accept_rate))
        if wanted < rates[0]:
            slope = (similarities[1] - similarities[0]) / (rates[1] - rates[0])
            return float(min(0.99, similarities[0] + slope * (wanted - rates[0])))
        return float(np.interp(wanted, rates, similarities))

    def load(self, bundle: Bundle, runtime: Runtime | None = None) -> "SfaceSpace":
        model = choose_model(bundle, self, runtime)
        network = load_network(bundle, self, runtime)
        name = f"{model.file}:{bundle.manifest.files[model.file].sha256}"
        return SfaceSpace(network, self, hashlib.sha256(name.encode()).hexdigest())


class SfaceSpace:
    """Embeddings of unit length. Raises nothing: a face without numbers is nobody's."""

    by_cosine = True

    def __init__(self, network: Network, spec: SfaceSpec, digest: str) -> None:
        self._network = network
        self.spec = spec
        self.digest = digest

    def project(self, samples: ColorImage) -> FloatArray:
        """uint8 (N, 160, 160, 3) to float32 (N, dimensions)."""
        return unit(self._embed(template_crops(samples)))

    def enrolled(self, sample: ColorImage) -> FloatArray:
        """The mean of a sample's embedding and its mirror image's: float32 (1, dimensions)."""
        face = template_crops(sample[np.newaxis])
        both = unit(self._embed(np.concatenate([face, face[:, :, ::-1]])))
        return unit(both.mean(axis=0, keepdims=True))

    def matcher(self, owner_ids: Sequence[int], projections: FloatArray) -> "SfaceMatcher":
        """Compares with enrolled people; projections: of ``enrolled``, one for each owner."""
        return SfaceMatcher(np.asarray(owner_ids), projections[:, 0], self.spec)

    def _embed(self, faces: ColorImage) -> FloatArray:
        return self._network(np.ascontiguousarray(faces[..., ::-1], dtype=np.float32))


class SfaceMatcher:
    """Compares a face with the mean of each person's samples.

    owners: (N,), the person's number of each embedding, (N, K). Embeddings that are not finite are
    left out.
    """

    def __init__(self, owners: NDArray[np.int64], embeddings: FloatArray, spec: SfaceSpec) -> None:
        usable = np.isfinite(embeddings).all(axis=1)
        self._people, places = np.unique(owners, return_inverse=True)
        sums = np.zeros((len(self._people), embeddings.shape[1]), np.float32)
        np.add.at(sums, places[usable], embeddings[usable])
        self._means = unit(sums)
        self._spec = spec

    def match(self, face: FloatArray) -> Match:
        similarities = self._means @ face
        best = int(similarities.argmax())
        return Match(int(self._people[best]), 1.0 - float(similarities[best]))

    def threshold(self, false_accept_rate: float) -> float:
        """1 - the cosine of the manifest's curve."""
        return 1.0 - self._spec.similarity_at(false_accept_rate)

    def distances(self, face: FloatArray, others: FloatArray) -> FloatArray:
        """1 - cosine."""
        return np.float32(1.0) - others @ face


def unit(vectors: FloatArray) -> FloatArray:
    """Each of (N, K) at the length of one; a vector of zeros stays."""
    with np.errstate(over="ignore", invalid="ignore"):  # infinite ones become no numbers
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
