"""Pages that stand alone: one HTML file with its pictures inside."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edge_app.core.atomic import whole_file
from edge_app.core.types import GrayImage

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Picture:
    """uri: a PNG as a data URI. alt: what it shows."""

    uri: str
    alt: str
    caption: str = ""


def picture(images: GrayImage, *, alt: str, caption: str = "") -> Picture:
    """Faces uint8 (N, S, S) side by side; one grey pixel for none."""
    strip = np.hstack(list(images)) if len(images) else np.full((1, 1), 128, np.uint8)
    _, png = cv2.imencode(".png", strip, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    encoded = base64.b64encode(png.tobytes()).decode("ascii")
    return Picture(f"data:image/png;base64,{encoded}", alt, caption)


def render(template: str, **values: Any) -> str:
    """A page as text. template: a file of the folder ``templates``, which extends page.html."""
    return _environment.get_template(template).render(values)


def write(page: str, path: Path) -> None:
    """Raises OutputError for a place that cannot be written."""
    with whole_file(path) as draft:
        draft.write_text(page, encoding="utf-8")
