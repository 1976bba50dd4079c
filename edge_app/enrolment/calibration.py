"""What a rate of false accepts costs the enrolled of a gallery, as figures and a curve."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_app.core.atomic import whole_file
from edge_app.core.errors import PeopleError
from edge_app.enrolment.gallery_identifier import gallery_embeddings
from edge_app.storage.gallery import Gallery
from edge_app.vision.recognition.identifier import FaceSpace, PeopleIdentifier

_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_FOLDS = 2


@dataclass(frozen=True)
class Point:
    """Shares, 0.0 to 1.0. recognised: of the samples that were held out, named right."""

    false_accepts: float
    threshold: float
    recognised: float


def calibration_of(gallery: Gallery, space: FaceSpace) -> list[Point]:
    """Every second sample of each person is enrolled and the others are tried, then the reverse.

    Raises PeopleError where nobody has two samples.
    """
    owners, projections = gallery_embeddings(gallery, space)
    names = [owner.name for owner in owners]
    fold = _folds(names)
    if not fold.any():
        raise PeopleError("expected somebody with two samples or more, found nobody; enrol people")
    outcomes: dict[float, list[tuple[bool, float]]] = defaultdict(list)
    for held in range(_FOLDS):
        kept = np.flatnonzero(fold != held)
        tried = np.flatnonzero(fold == held)
        if not len(kept):
            continue
        identifier = PeopleIdentifier(space, [names[row] for row in kept], projections[kept])
        looks = [(names[row], identifier.identify_projection(projections[row][0])) for row in tried]
        nearest = [(name, look.nearest, look.distance) for name, look in looks]
        for rate in _RATES:
            limit = identifier.threshold_at(rate)
            outcomes[rate] += [
                (name == found and distance <= limit, limit) for name, found, distance in nearest
            ]
    return [
        Point(
            rate, float(np.mean([limit for _, limit in rows])), float(np.mean([r for r, _ in rows]))
        )
        for rate, rows in outcomes.items()
    ]


def _folds(names: Sequence[str]) -> NDArray[np.int64]:
    """Which half each sample falls into, by turns within a person."""
    seen: dict[str, int] = defaultdict(int)
    folds = []
    for name in names:
        folds.append(seen[name] % _FOLDS)
        seen[name] += 1
    return np.array(folds, dtype=np.int64)


_LEFT, _TOP, _WIDTH, _HEIGHT = 60, 20, 480, 300


def draw(points: Sequence[Point], path: Path) -> None:
    """Write the curve as SVG. Raises OutputError for a place that cannot be written."""
    with whole_file(path) as draft:
        draft.write_text(svg(points), encoding="utf-8")


def svg(points: Sequence[Point]) -> str:
    """Strangers named, on a logarithmic scale, against the enrolled recognised."""
    low, high = np.log10(points[0].false_accepts), np.log10(points[-1].false_accepts)

    def across(rate: float) -> float:
        return _LEFT + _WIDTH * float(np.log10(rate) - low) / float(high - low)

    def down(share: float) -> float:
        return _TOP + _HEIGHT * (1.0 - share)

    line = " ".join(f"{across(p.false_accepts):.1f},{down(p.recognised):.1f}" for p in points)
    marks = "".join(
        f'<circle cx="{across(p.false_accepts):.1f}" cy="{down(p.recognised):.1f}" r="3"/>'
        f'<text x="{across(p.false_accepts):.1f}" y="{_TOP + _HEIGHT + 18}" '
        f'text-anchor="middle">{p.false_accepts * 100:g} %</text>'
        for p in points
    )
    grid = "".join(
        f'<path d="M{_LEFT} {down(share):.1f}h{_WIDTH}" stroke="#ccc"/>'
        f'<text x="{_LEFT - 8}" y="{down(share) + 4:.1f}" text-anchor="end">'
        f"{share * 100:.0f} %</text>"
        for share in np.linspace(0.0, 1.0, 6)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 30}" '
        f'height="{_TOP + _HEIGHT + 50}" font-family="sans-serif" font-size="11">'
        f'<rect width="100%" height="100%" fill="white"/>{grid}'
        f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>{marks}'
        f'<text x="{_LEFT + _WIDTH / 2}" y="{_TOP + _HEIGHT + 38}" text-anchor="middle">'
        "strangers named (of the bundle's cohort)</text>"
        f'<text x="14" y="{_TOP + _HEIGHT / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {_TOP + _HEIGHT / 2})">enrolled recognised</text></svg>\n'
    )
