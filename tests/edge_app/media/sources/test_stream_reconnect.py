"""A phone's camera app that is closed and opened again, over a real socket."""

import http.server
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from edge_app.media.sources import ReconnectingSource, StreamSource
from edge_app.media.sources.reconnect import Backoff
from tests.edge_app.media.sources.test_reconnect import until

JPEG = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
HEADER = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(JPEG)}\r\n\r\n".encode()


@contextmanager
def phone(port: int = 0) -> Iterator[int]:
    """Sends frames until the ``with`` ends; gives its port."""
    closing = threading.Event()

    class Phone(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the base's name
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            while not closing.wait(0.02):
                self.wfile.write(HEADER + JPEG + b"\r\n")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
            pass

    class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """The viewer went away."""

    with Server(("127.0.0.1", port), Phone) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            closing.set()
            server.shutdown()
            thread.join()


def test_a_phone_that_comes_back_is_live_again() -> None:
    with phone() as port:
        address = f"http://127.0.0.1:{port}/video"
        source = ReconnectingSource(lambda: StreamSource(address), backoff=Backoff(0.1, 0.2))
        until(source, lambda: source.state.phase == "live")
    with source:
        until(source, lambda: source.state.phase == "lost" and source.state.failures >= 2)
        closed = time.monotonic()
        with phone(port):
            until(source, lambda: source.state.phase == "live")
            frame = source.next(5.0)
            assert frame is not None and frame.captured_at > closed
            assert frame.image.shape == (48, 64, 3)
