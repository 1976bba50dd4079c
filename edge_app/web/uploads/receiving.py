"""Files that a browser sends: received in pieces, told by their content, kept within limits."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from fastapi import HTTPException
from PIL import Image, UnidentifiedImageError

from edge_app.core.atomic import output_errors
from edge_app.core.errors import InputError, OutputError
from edge_app.media.sources import VideoSource

Kind = Literal["photo", "video"]

MAX_PHOTO_BYTES = 30_000_000
MAX_VIDEO_BYTES = 200_000_000
MAX_PHOTO_PIXELS = 40_000_000
MAX_VIDEO_PIXELS = 1920 * 1088
MAX_VIDEO_SECONDS = 300.0

_SPARE_BYTES = 200_000_000
"""What an upload leaves free on the disk: the kiosk keeps its people and events there."""

MAX_SILENCE_S = 30.0
"""Seconds without a byte, after which what was received is thrown away."""
MAX_SENDING_S = 1800.0
"""Seconds that a whole file may take, however steadily it drips in."""
SILENT = {"description": "The sender fell silent, or takes too long."}

_PHOTOS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png", b"BM": ".bmp"}
_MATROSKA = b"\x1aE\xdf\xa3"


async def receive(chunks: AsyncIterator[bytes], folder: Path) -> Path:
    """Write what comes to ``upload.SUFFIX``, with the suffix of what it is. The folder is there.

    Raises InputError for an empty file or one that is neither photo nor video, and OutputError
    where the disk has no room for it; HTTPException 408 for a sender who falls silent or takes too
    long.
    """
    path = folder / "upload"
    with output_errors(path), path.open("wb") as file:
        async for chunk in _in_time(chunks):
            file.write(chunk)
            if shutil.disk_usage(folder).free < _SPARE_BYTES:
                raise OutputError("expected room on the disk, found too little; delete something")
    with path.open("rb") as file:
        head = file.read(16)
    return path.rename(path.with_suffix(_suffix(head)))


async def _in_time(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same, each within ``MAX_SILENCE_S``, all within ``MAX_SENDING_S``."""
    now = asyncio.get_running_loop().time
    end = now() + MAX_SENDING_S
    while True:
        patience = min(MAX_SILENCE_S, end - now())
        try:
            async with asyncio.timeout(patience):
                chunk = await anext(chunks, None)
        except TimeoutError as error:
            raise HTTPException(
                408,
                f"expected the rest within {MAX_SILENCE_S:.0f} s and the whole file within "
                f"{MAX_SENDING_S / 60:.0f} minutes; send it again",
            ) from error
        if chunk is None:
            return
        yield chunk


def _suffix(head: bytes) -> str:
    """Of a photo or video that begins with these bytes."""
    if not head:
        raise InputError("expected a photo or video, found an empty file; choose it again")
    for magic, suffix in _PHOTOS.items():
        if head.startswith(magic):
            return suffix
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return ".avi"
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return ".mp4"
    if head.startswith(_MATROSKA):
        return ".mkv"
    raise InputError(
        "expected a photo (jpg, png, webp, bmp) or a video (mp4, mov, webm, mkv, avi), "
        "found something else; choose another file"
    )


def kind_of(path: Path) -> Kind:
    """Of a file from ``receive``."""
    return "photo" if path.suffix in (".jpg", ".png", ".webp", ".bmp") else "video"


def check_photo(path: Path) -> None:
    """Look at the size that a photo declares, before it is decoded. Raises InputError."""
    try:
        with Image.open(path) as picture:
            width, height = picture.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(_too_many_pixels("more")) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InputError("expected a whole photo, found damaged data; choose it again") from error
    if width * height > MAX_PHOTO_PIXELS:
        raise InputError(_too_many_pixels(f"{width}x{height}"))


def _too_many_pixels(found: str) -> str:
    limit = MAX_PHOTO_PIXELS // 1_000_000
    return f"expected at most {limit} million pixels, found {found}; scale the photo down"


def check_video(path: Path) -> None:
    """Look at what a video declares of itself. Raises InputError."""
    try:
        with VideoSource(path) as video:
            width, height = video.size
            seconds = video.frame_count / float(video.rate)
    except InputError as error:
        raise InputError(without_path(error, path)) from error
    if width * height > MAX_VIDEO_PIXELS:
        raise InputError(f"expected at most 1920x1080 pixels, found {width}x{height}; scale it")
    if seconds > MAX_VIDEO_SECONDS:
        raise InputError(
            f"expected at most {MAX_VIDEO_SECONDS:.0f} s of video, found {seconds:.0f} s; cut it"
        )


def without_path(error: Exception, path: Path) -> str:
    """What went wrong, for somebody who sent the file and knows nothing of this machine's disk."""
    return str(error).removeprefix(f"{path}: ").replace(f"{path.parent}/", "")


def file_name(wanted: str) -> str:
    """A name to show and to offer for the download. Raises HTTPException 422 for one with a path.

    No file is ever stored under it.
    """
    printable = wanted.isprintable() and wanted == wanted.strip()
    if not printable or any(letter in wanted for letter in '/\\"') or wanted.startswith("."):
        raise HTTPException(422, f"expected a plain file name, found {wanted!r}; rename the file")
    return wanted
