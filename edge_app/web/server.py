"""Runs the web application in a thread beside the kiosk."""

import logging
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import uvicorn
from fastapi import FastAPI

from edge_app.core.errors import AccessError, OutputError
from edge_app.core.worker import Closing
from edge_app.web.security.access import Access
from edge_app.web.security.certificate import Certificate

_log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_SEND_BUFFER = 128 * 1024
"""Bytes that the system keeps per connection: few frames, so that no slow reader gets old ones."""
_MAX_MESSAGE = 2 * 1024 * 1024
"""Bytes of the largest WebSocket message: a picture of a phone's camera."""
_STOP_S = 5.0
_LOOK_S = 0.01


@dataclass(frozen=True)
class Listening:
    """Where the server answers. port 0: any that is free."""

    host: str = "127.0.0.1"
    port: int = 0

    @property
    def on_network(self) -> bool:
        return self.host not in LOOPBACK


def check_exposure(listening: Listening, access: Access) -> None:
    """Raises AccessError before the page is opened to the network without a password."""
    if listening.on_network and not access.protected:
        raise AccessError(
            f"expected a password before listening on {listening.host}, found none; "
            "set one with `reconocias web password`, or listen on 127.0.0.1"
        )


class WebServer(Closing):
    """Serves from ``with`` on, until its end. address: of the front page, known inside of it.

    Raises OutputError for an address that cannot be listened on, or a server that does not start.
    """

    def __init__(
        self, app: FastAPI, listening: Listening, certificate: Certificate | None = None
    ) -> None:
        self._listening = listening
        self._certificate = certificate
        self._server = uvicorn.Server(_config(app, certificate))
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def address(self) -> str:
        scheme = "https" if self._certificate else "http"
        host, port = self._socket.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        return f"{scheme}://{shown}:{port}"

    def __enter__(self) -> Self:
        self._socket = _listen(self._listening)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(_LOOK_S)
        if not self._server.started:
            self.close()
            raise OutputError(
                f"{self._listening.host}:{self._listening.port}: expected a page there, found that "
                f"its server does not start ({self._failure}); see the log"
            ) from self._failure
        _log.info("web page", extra={"address": self.address})
        return self

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(_STOP_S)
        with suppress(OSError):
            self._socket.close()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except (Exception, SystemExit) as error:
            self._failure = error
            _log.error("the page's server has ended", exc_info=True)


def _listen(listening: Listening) -> socket.socket:
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        listener.bind((listening.host, listening.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise OutputError(
            f"{listening.host}:{listening.port}: cannot be listened on ({error.strerror}); "
            "choose another with --host and --port, or stop what uses it"
        ) from error
    return listener


def _config(app: FastAPI, certificate: Certificate | None) -> uvicorn.Config:
    tls: dict[str, Any] = {}
    if certificate is not None:
        tls = {"ssl_certfile": certificate.certificate, "ssl_keyfile": certificate.key}
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        log_level="warning",
        ws_max_size=_MAX_MESSAGE,
        ws_max_queue=2,
        ws_per_message_deflate=False,  # JPEG does not shrink
        timeout_graceful_shutdown=2,
        **tls,
    )
