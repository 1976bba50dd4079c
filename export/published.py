"""The published networks that every bundle starts from: given by path, or fetched once.

They come from the OpenCV Zoo and are never in the repository; what is built of them is in the
bundles, with its origin and licence (see the NOTICE).
"""

import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from edge_app.bundle.loader import file_sha256
from edge_app.core.atomic import whole_file
from edge_app.core.errors import InputError, InputMissingError
from edge_app.core.progress import Progress

_ZOO = "https://github.com/opencv/opencv_zoo/raw/main/models"
_BLOCK = 1 << 16
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Published:
    """A network as its authors published it.

    size: bytes. copyright: as the licence says it, or who made it. trained_on and figures: what is
    published about it, and where.
    """

    title: str
    address: str
    sha256: str
    size: int
    licence: str
    copyright: str
    authors_page: str
    trained_on: str
    figures: str

    @property
    def file(self) -> str:
        """Its name, as the zoo and the cache have it."""
        return self.address.rpartition("/")[2]


YUNET = Published(
    title="YuNet (2023mar)",
    address=f"{_ZOO}/face_detection_yunet/face_detection_yunet_2023mar.onnx",
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    size=232_589,
    licence="MIT",
    copyright="Copyright (c) 2020 Shiqi Yu <shiqi.yu@gmail.com>",
    authors_page="https://github.com/ShiqiYu/libfacedetection.train",
    trained_on="WIDER FACE, as the authors' training program says",
    figures="average precision 0.884 / 0.866 / 0.750 on WIDER FACE's easy / medium / hard "
    "validation faces (OpenCV Zoo); faces from about 10x10 to 300x300 pixels",
)
SFACE = Published(
    title="SFace (2021dec)",
    address=f"{_ZOO}/face_recognition_sface/face_recognition_sface_2021dec.onnx",
    sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
    size=38_696_353,
    licence="Apache-2.0",
    copyright="contributed to the OpenCV Zoo by Yaoyao Zhong, converted by Chengrui Wang",
    authors_page="https://github.com/zhongyy/SFace",
    trained_on="not said for this file; its paper (Zhong et al. 2021, arXiv 2205.12010) trains on "
    "CASIA-WebFace, VGGFace2 and MS-Celeb-1M: photographs of well-known people from the web, "
    "gathered without asking them",
    figures="99.40 % of the pairs of LFW (OpenCV Zoo), a MobileFaceNet",
)


def obtain(network: Published, given: Path | None, progress: Progress) -> Path:
    """The file of a published network: the one that is given, the cached one, or a fetched one.

    Raises InputMissingError for a given file that is not there, InputError for one whose bytes are
    others, and what ``fetch`` raises.
    """
    if given is not None:
        if not given.is_file():
            raise InputMissingError(f"{given}: expected {network.title}, found no such file")
        _check(network, given, "give the file that the OpenCV Zoo publishes")
        return given
    cached = cache_folder() / network.file
    if cached.is_file() and file_sha256(cached) == network.sha256:
        return cached
    fetch(network, cached, progress)
    return cached


def cache_folder() -> Path:
    """Outside of every repository: ``reconocias`` in the user's cache (XDG)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "reconocias"


def fetch(network: Published, path: Path, progress: Progress) -> None:
    """Download to ``path``, which is there only once its SHA-256 is right.

    progress: told of every 64 KiB. Raises InputError where nothing can be reached, where the
    address leads away from https, and for more, fewer or other bytes than those published.
    """
    with whole_file(path) as draft:
        try:
            with _opener().open(_https(network.address), timeout=_TIMEOUT_S) as answer:
                received = _receive(network, answer, draft, progress)
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise InputError(
                f"{network.address}: expected {network.title}, found no answer ({reason}); "
                "check the network, or give the file by path"
            ) from error
        if received < network.size:
            raise InputError(
                f"{network.address}: expected {network.size} bytes, found {received} before the "
                "connection ended; try again, or give the file by path"
            )
        _check(network, draft, "give the published file by path", name=network.address)


def _receive(network: Published, answer: Any, draft: Path, progress: Progress) -> int:
    """Bytes written. Raises InputError for the first one too many."""
    received = 0
    progress.start(-(-network.size // _BLOCK))
    with draft.open("wb") as file:
        while block := answer.read(_BLOCK):
            received += len(block)
            if received > network.size:
                raise InputError(
                    f"{network.address}: expected {network.size} bytes, found more; "
                    "give the published file by path"
                )
            file.write(block)
            progress.advance()
    return received


def _check(network: Published, path: Path, remedy: str, name: str | None = None) -> None:
    found = file_sha256(path)
    if found != network.sha256:
        raise InputError(
            f"{name or path}: expected {network.title} with SHA-256 {network.sha256}, "
            f"found {found}; {remedy}"
        )


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """GitHub sends on to where it keeps large files, and that has to be https as well."""

    def redirect_request(
        self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        try:
            return super().redirect_request(req, fp, code, msg, headers, _https(newurl))
        except InputError:
            fp.close()
            raise


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_HttpsOnly)


def _https(address: str) -> str:
    if urllib.parse.urlsplit(address).scheme != "https":
        raise InputError(f"{address}: expected an https address, found another; nothing is fetched")
    return address
