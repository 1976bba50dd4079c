"""From the people in the database to an identifier that knows them."""

from collections.abc import Callable, Iterable
from functools import cache, partial

import numpy as np

from edge_app.bundle import Bundle
from edge_app.eigenfaces import EigenfaceBasis, load_basis
from edge_app.gallery import Gallery, Sample
from edge_app.identify import EigenfacesIdentifier
from edge_app.preprocess import resize
from edge_app.types import FloatArray, GrayImage


def basis_of(bundle: Bundle) -> Callable[[], EigenfaceBasis]:
    """Gives the basis of a bundle, which is read once, when it is first asked for.

    It takes memory that a kiosk without anybody enrolled has no use for.
    """
    return cache(partial(load_basis, bundle))


def identifier_builder(
    basis: Callable[[], EigenfaceBasis], false_accept_rate: float | None = None
) -> Callable[[Gallery], EigenfacesIdentifier | None]:
    """What makes an identifier of a gallery. basis: called when there is somebody."""

    def build(gallery: Gallery) -> EigenfacesIdentifier | None:
        if not gallery.people():
            return None
        return identifier_for(gallery, basis(), false_accept_rate)

    return build


def identifier_for(
    gallery: Gallery, basis: EigenfaceBasis, false_accept_rate: float | None = None
) -> EigenfacesIdentifier | None:
    """An identifier of everybody in a gallery, None of nobody.

    Projections are kept in the database; only those of new samples, or all of them after a change
    of the bundle, are computed. false_accept_rate: default: the bundle's.
    """
    owners, projections = gallery_projections(gallery, basis)
    if not owners:
        return None
    return EigenfacesIdentifier(
        basis,
        owners,
        projections,
        rejected=_rejected(gallery, basis),
        false_accept_rate=false_accept_rate,
    )


def gallery_projections(gallery: Gallery, basis: EigenfaceBasis) -> tuple[list[str], FloatArray]:
    """Whose each sample is, and its projections, float32 (samples, copies, components)."""
    names = {person.id: person.name for person in gallery.people()}
    samples = [sample for sample in gallery.samples() if sample.person_id in names]
    projections = _projections(gallery, basis, samples)
    if not samples:
        return [], np.empty((0, basis.spec.copies, basis.spec.components), np.float32)
    owners = [names[sample.person_id] for sample in samples]
    return owners, np.stack([projections[sample.id] for sample in samples])


def _projections(
    gallery: Gallery, basis: EigenfaceBasis, samples: Iterable[Sample]
) -> dict[int, FloatArray]:
    known = gallery.projections(basis.digest)
    fresh = {
        sample.id: basis.enrolled(sized(sample.crop, basis))
        for sample in samples
        if sample.id not in known
    }
    if fresh:
        gallery.keep_projections(basis.digest, fresh)
    return known | fresh


def _rejected(gallery: Gallery, basis: EigenfaceBasis) -> dict[str, FloatArray]:
    names = {person.id: person.name for person in gallery.people()}
    faces: dict[str, list[FloatArray]] = {}
    for person_id, crop in gallery.rejections():
        if person_id in names:
            projection = basis.project(sized(crop, basis)[np.newaxis])
            faces.setdefault(names[person_id], []).append(projection)
    return {name: np.vstack(projections) for name, projections in faces.items()}


def sized(crop: GrayImage, basis: EigenfaceBasis) -> GrayImage:
    """A sample as this bundle wants it; it may have been kept while another one was in use."""
    return resize(crop, basis.spec.crop.size, basis.spec.crop.interpolation)
