"""Reading and writing still pictures."""

import warnings
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from edge_app.core.atomic import whole_file
from edge_app.core.errors import InputError, InputMissingError, OutputError
from edge_app.core.types import ColorImage

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
_JPEG_QUALITY = 92
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What puts an EXIF orientation right; 1 and all else stays."""


def is_photo(path: Path) -> bool:
    """Whether the name ends as a photo's does, in any case."""
    return path.suffix.lower() in PHOTO_SUFFIXES


def photos_in(folder: Path) -> list[Path]:
    """The photos of a folder, by name; hidden files and sub-folders are left alone."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and is_photo(path) and not path.name.startswith(".")
    )


def read_photo(path: Path) -> ColorImage:
    """A photo as uint8 (H, W, 3) BGR, turned upright as its EXIF orientation says.

    Raises InputMissingError for no file, InputError for one that is empty, no picture, damaged, or
    of more pixels than Pillow's guard against decompression bombs lets through (about 89 million).
    """
    if not path.is_file():
        raise InputMissingError(f"{path}: no such file; check the path")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: expected a photo, found an empty file; copy it again")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                picture.load()  # EXIF data may stand behind the pixels
                rgb = np.asarray(_opaque(_eight_bits(_upright(picture))).convert("RGB"))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        limit = (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise InputError(
            f"{path}: expected at most {limit} million pixels, found more; scale the photo down"
        ) from error
    except UnidentifiedImageError as error:
        raise InputError(
            f"{path}: expected a photo ({', '.join(PHOTO_SUFFIXES)}), found data that is none; "
            "check what the file is"
        ) from error
    except PermissionError as error:
        raise InputError(f"{path}: no permission to read it; change its mode or owner") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(
            f"{path}: expected a whole photo, found damaged data ({error}); copy it again"
        ) from error
    return np.ascontiguousarray(rgb[:, :, ::-1])


def _upright(picture: Image.Image) -> Image.Image:
    """Turned by the one tag that says how; Pillow's own way fails where any other one is odd."""
    turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    return picture if turn is None else picture.transpose(turn)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Sixteen bits of grey scaled to eight: Pillow cuts off what is brighter than 255."""
    if not picture.mode.startswith("I;16"):
        return picture
    return Image.fromarray(np.round(np.asarray(picture) / 257).astype(np.uint8))


def _opaque(picture: Image.Image) -> Image.Image:
    """Transparent parts on white, as a viewer shows them."""
    if not picture.has_transparency_data:
        return picture
    layer = picture.convert("RGBA")
    background = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(background, layer)


def write_photo(path: Path, image: ColorImage) -> None:
    """Write uint8 (H, W, 3) BGR in the format of the suffix, under its name only when whole.

    Raises OutputError for an unknown suffix or a place that cannot be written.
    """
    if not is_photo(path):
        raise OutputError(
            f"{path}: expected a name ending in {', '.join(PHOTO_SUFFIXES)}, "
            f"found {path.suffix or 'no ending'}; choose one of them"
        )
    with whole_file(path) as draft:
        Image.fromarray(image[:, :, ::-1]).save(draft, quality=_JPEG_QUALITY)
