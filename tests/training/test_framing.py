from importlib import resources

import numpy as np
import pytest

from edge_app.bundle.manifest import CropSpec
from edge_app.core.progress import SILENT
from edge_app.core.types import Picture
from edge_app.media.photo import read_photo
from edge_app.vision.align import square
from edge_app.vision.parts import build_detector, load_bundle
from training.framing import spans


@pytest.mark.parametrize("span", [2.8, 3.1])
def test_the_span_of_cut_out_faces_is_found_again(span: float) -> None:
    detector = build_detector(load_bundle(), still=True)
    with resources.as_file(resources.files("edge_app.samples") / "astronaut.jpg") as sample:
        photo = Picture(read_photo(sample))
    (face,) = detector.detect(photo)
    cut = square(photo, face, CropSpec(size=48, span=span, interpolation="area"))

    found = spans(np.stack([cut, np.zeros_like(cut)]), detector, SILENT)

    assert found == pytest.approx([span], rel=0.07)
