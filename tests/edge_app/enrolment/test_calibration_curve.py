from pathlib import Path
from xml.etree import ElementTree

from edge_app.enrolment.calibration import Point
from edge_app.enrolment.calibration_curve import draw


def test_the_curve_is_a_picture_with_every_point(tmp_path: Path) -> None:
    points = [Point(0.001, 0.5, 0.8, 0.0), Point(0.01, 0.6, 0.9, 0.0), Point(0.1, 0.7, 1.0, 0.1)]

    draw(points, tmp_path / "curve.svg")

    root = ElementTree.parse(tmp_path / "curve.svg").getroot()
    marks = root.findall("{http://www.w3.org/2000/svg}circle")
    across = [float(mark.get("cx", "")) for mark in marks]
    down = [float(mark.get("cy", "")) for mark in marks]
    assert across == sorted(across)
    assert down == sorted(down, reverse=True)
    assert len(marks) == len(points)
