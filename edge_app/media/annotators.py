"""What is drawn: on a frame what the pipeline found, and a picture in place of a missing one."""

import colorsys
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edge_app.core.i18n import Language, emotion_name, translate
from edge_app.core.types import BBox, ColorImage, Face, FrameResult

Color = tuple[int, int, int]
"""Blue, green, red; 0 to 255 each."""

UNKNOWN_COLOR: Color = (90, 90, 90)
NO_IDENTITY_COLOR: Color = (150, 95, 20)
_LIGHT_TEXT: Color = (255, 255, 255)
_DARK_TEXT: Color = (20, 20, 20)

_TEXT_SHARE = 1 / 26
"""Height of a line of text as a share of the picture's shorter side."""
_MIN_TEXT_PX = 11
_MAX_TEXT_PX = 160
_ELLIPSIS = "…"

_GROUND: Color = (50, 40, 35)
"""Of the picture that says that there is none; its text is larger than a label."""
_HEADING_SHARE = 1 / 18
_SMALL_SHARE = 1 / 30
_MIN_HEADING_PX = 9


def person_color(name: str) -> Color:
    """The colour of a person: the same for the same name, on every device and in every run."""
    digest = hashlib.sha256(name.encode()).digest()
    red, green, blue = colorsys.hls_to_rgb(
        digest[0] / 256, 0.42 + 0.16 * digest[1] / 256, 0.65 + 0.3 * digest[2] / 256
    )
    return round(blue * 255), round(green * 255), round(red * 255)


@dataclass(frozen=True)
class FaceAnnotator:
    """A box around each face; on it, on a plate of the person's colour, who and which emotion."""

    language: Language = "es"

    def annotate(self, result: FrameResult) -> ColorImage:
        """A copy of the frame, uint8 (H, W, 3) BGR, with every face marked."""
        image = result.frame.image.copy()
        shorter = min(image.shape[:2])
        text_px = int(np.clip(round(shorter * _TEXT_SHARE), _MIN_TEXT_PX, _MAX_TEXT_PX))
        for face in reversed(result.faces):  # the largest last, on top of the others
            color = _color(face)
            _draw_box(image, face.bbox, color, thickness=max(1, round(shorter / 240)))
            lines = self._lines(face)
            if lines:
                _paste(image, text_plate(lines, text_px, color, image.shape[1]), face.bbox)
        return image

    def _lines(self, face: Face) -> tuple[str, ...]:
        lines = []
        if face.identity is not None:
            lines.append(face.identity.name or translate("unknown", self.language))
        if face.emotion is not None:
            emotion = emotion_name(face.emotion.label, self.language)
            score = f" {face.emotion.score * 100:.0f} %" if face.emotion.is_clear else ""
            lines.append(emotion + score)
        return tuple(lines)


def _color(face: Face) -> Color:
    if face.identity is None:
        return NO_IDENTITY_COLOR
    return person_color(face.identity.name) if face.identity.name else UNKNOWN_COLOR


def _draw_box(image: ColorImage, bbox: BBox, color: Color, *, thickness: int) -> None:
    """A coloured frame with a thin light edge, so that it shows on any background."""
    corners = (bbox.xmin, bbox.ymin), (bbox.xmax - 1, bbox.ymax - 1)
    cv2.rectangle(image, *corners, _LIGHT_TEXT, thickness + max(2, thickness))
    cv2.rectangle(image, *corners, color, thickness + max(0, thickness // 2))


def _paste(image: ColorImage, plate: ColorImage, bbox: BBox) -> None:
    """Put a plate above the box, else below it, else inside its top; always in the picture."""
    height, width = plate.shape[:2]
    top = bbox.ymin
    if bbox.ymin >= height:
        top = bbox.ymin - height
    elif bbox.ymax + height <= image.shape[0]:
        top = bbox.ymax
    top = max(0, min(top, image.shape[0] - height))
    left = max(0, min(bbox.xmin, image.shape[1] - width))
    visible = image[top : top + height, left : left + width]
    visible[:] = plate[: visible.shape[0], : visible.shape[1]]


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans Bold (free licence, beside this package): Latin, Greek, Cyrillic and more."""
    asset = resources.files("edge_app") / "assets" / "DejaVuSans-Bold.ttf"
    with resources.as_file(asset) as path:
        return ImageFont.truetype(str(path), size)


@lru_cache(maxsize=256)
def text_plate(lines: tuple[str, ...], text_px: int, color: Color, max_width: int) -> ColorImage:
    """Lines of text on a coloured ground, uint8 (H, W, 3) BGR. The first line is a little larger.

    Text that is wider than ``max_width`` ends in an ellipsis.
    """
    padding = max(2, text_px // 3)
    room = max(1, max_width - 2 * padding)
    fonts = [_font(text_px + (text_px // 6 if index == 0 else 0)) for index in range(len(lines))]
    texts = [_fit(line, font, room) for line, font in zip(lines, fonts, strict=True)]
    width = max(int(font.getlength(text)) + 1 for text, font in zip(texts, fonts, strict=True))
    heights = [sum(font.getmetrics()) for font in fonts]
    plate = Image.new("RGB", (width + 2 * padding, sum(heights) + padding), color[::-1])
    draw = ImageDraw.Draw(plate)
    top = padding // 2
    for text, font, height in zip(texts, fonts, heights, strict=True):
        draw.text((padding, top), text, font=font, fill=_text_color(color)[::-1])
        top += height
    return np.asarray(plate)[:, :, ::-1].copy()


def _fit(text: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + _ELLIPSIS) > room:
        text = text[:-1]
    return text.rstrip() + _ELLIPSIS


def _text_color(background: Color) -> Color:
    """Light or dark, whichever stands out more (ITU-R BT.601 luma)."""
    blue, green, red = background
    luma = 0.114 * blue + 0.587 * green + 0.299 * red
    return _DARK_TEXT if luma > 150 else _LIGHT_TEXT


@lru_cache(maxsize=4)
def no_signal_picture(
    size: tuple[int, int], lines: tuple[str, ...], small_print: str = ""
) -> ColorImage:
    """Lines of text in the middle of a dark ground, uint8 (H, W, 3) BGR; not to be drawn on.

    size: (width, height). small_print: below them, smaller; cut with an ellipsis where it is long.
    """
    width, height = size
    image = np.full((height, width, 3), _GROUND, np.uint8)
    shorter = min(size)
    plates = [_plate(tuple(filter(None, lines)), shorter * _HEADING_SHARE, width)]
    if small_print:
        plates.append(_plate((small_print,), shorter * _SMALL_SHARE, width))
    top = (height - sum(plate.shape[0] for plate in plates)) // 2
    for plate in plates:
        left = max(0, (width - plate.shape[1]) // 2)
        visible = image[max(0, top) : max(0, top) + plate.shape[0], left : left + plate.shape[1]]
        visible[:] = plate[: visible.shape[0], : visible.shape[1]]
        top += plate.shape[0]
    image.flags.writeable = False
    return image


def _plate(lines: tuple[str, ...], text_px: float, width: int) -> ColorImage:
    return text_plate(lines, max(_MIN_HEADING_PX, round(text_px)), _GROUND, width)
