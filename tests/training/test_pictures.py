from pathlib import Path

import cv2
import numpy as np

from tests.training.test_evaluate import LABELS, face_set, scores_for
from training import pictures
from training.evaluate import evaluate


def test_pictures_show_something(tmp_path: Path) -> None:
    evaluation = evaluate(scores_for([0, 1, 2]), face_set([0, 1, 1]), LABELS)

    for name, draw in (("confusion", pictures.draw_confusion),
                       ("reliability", pictures.draw_reliability)):  # fmt: skip
        path = tmp_path / f"{name}.png"
        draw(evaluation, "title", path)
        image = cv2.imread(str(path))
        assert image is not None
        assert len(np.unique(image.reshape(-1, 3), axis=0)) > 20
