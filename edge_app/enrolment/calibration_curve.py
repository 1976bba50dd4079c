"""The curve of a calibration, drawn."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge_app.core.atomic import whole_file
from edge_app.enrolment.calibration import Point

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
        "strangers named (as the bundle was measured)</text>"
        f'<text x="14" y="{_TOP + _HEIGHT / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {_TOP + _HEIGHT / 2})">enrolled recognised</text></svg>\n'
    )
