import hashlib
import http.server
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from edge_app.core.errors import InputError, InputMissingError
from edge_app.core.progress import SILENT
from edge_app.web.security.tls import own_certificate
from export.published import SFACE, YUNET, Published, cache_folder, obtain

CONTENT = b"a published network" * 10_000


@dataclass
class Zoo:
    """An https server on loopback. answers: by path. moved: paths that lead elsewhere."""

    address: str
    answers: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    missing_bytes: int = 0
    asked: list[str] = field(default_factory=list)

    def network(self, path: str = "/net.onnx", content: bytes = CONTENT) -> Published:
        digest = hashlib.sha256(content).hexdigest()
        return replace(
            YUNET, address=f"{self.address}{path}", sha256=digest, size=len(content), title="Net"
        )


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Zoo]:
    made = own_certificate(tmp_path / "tls", ["localhost", "127.0.0.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "localhost")
    zoo = Zoo("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            zoo.asked.append(self.path)
            if self.path in zoo.moved:
                self.send_response(302)
                self.send_header("Location", zoo.moved[self.path])
                self.end_headers()
                return
            content = zoo.answers.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content[: len(content) - zoo.missing_bytes])

        def log_message(self, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    zoo.address = f"https://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield zoo
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_network_is_fetched_once_into_the_cache(zoo: Zoo) -> None:
    zoo.moved["/net.onnx"] = f"{zoo.address}/large/net.onnx"
    zoo.answers["/large/net.onnx"] = CONTENT

    found = obtain(zoo.network(), None, SILENT)
    again = obtain(zoo.network(), None, SILENT)

    assert found == again == cache_folder() / "net.onnx"
    assert found.read_bytes() == CONTENT
    assert zoo.asked == ["/net.onnx", "/large/net.onnx"]


def test_a_damaged_copy_in_the_cache_is_fetched_again(zoo: Zoo) -> None:
    zoo.answers["/net.onnx"] = CONTENT
    obtain(zoo.network(), None, SILENT).write_bytes(b"rotten")

    assert obtain(zoo.network(), None, SILENT).read_bytes() == CONTENT


def test_other_bytes_are_refused(zoo: Zoo) -> None:
    zoo.answers["/net.onnx"] = CONTENT[::-1]

    refused(zoo, "expected Net with SHA-256 .*, found .*; give the published file by path")


def test_a_download_that_breaks_off_is_refused(zoo: Zoo) -> None:
    zoo.answers["/net.onnx"] = CONTENT
    zoo.missing_bytes = 7

    refused(zoo, f"expected {len(CONTENT)} bytes, found {len(CONTENT) - 7} before the connection")


def test_more_bytes_than_published_are_not_read(zoo: Zoo) -> None:
    zoo.answers["/net.onnx"] = CONTENT + b"more" * 1_000_000

    refused(zoo, f"expected {len(CONTENT)} bytes, found more")


def test_an_address_that_is_gone_is_told(zoo: Zoo) -> None:
    refused(zoo, "expected Net, found no answer .*give the file by path")


def test_a_redirect_to_plain_http_is_refused(zoo: Zoo) -> None:
    zoo.moved["/net.onnx"] = "http://localhost:1/net.onnx"

    refused(zoo, "expected an https address, found another")


def test_no_network_is_told(zoo: Zoo, tmp_path: Path) -> None:
    nowhere = replace(zoo.network(), address="https://localhost:1/net.onnx")

    with pytest.raises(InputError, match="found no answer"):
        obtain(nowhere, None, SILENT)


def refused(zoo: Zoo, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        obtain(zoo.network(), None, SILENT)
    assert "\n" not in str(error.value)
    assert not list(cache_folder().iterdir()), "nothing may look like the network"


def test_a_given_file_is_checked_and_nothing_is_fetched(zoo: Zoo, tmp_path: Path) -> None:
    given = tmp_path / "given.onnx"
    with pytest.raises(InputMissingError, match="expected Net, found no such file"):
        obtain(zoo.network(), given, SILENT)

    given.write_bytes(b"another network")
    with pytest.raises(InputError, match=r"given\.onnx: expected Net with SHA-256"):
        obtain(zoo.network(), given, SILENT)

    given.write_bytes(CONTENT)
    assert obtain(zoo.network(), given, SILENT) == given
    assert zoo.asked == []


@pytest.mark.parametrize("network", [YUNET, SFACE], ids=lambda network: network.file)
def test_the_notice_names_every_published_network(network: Published) -> None:
    notice = Path("NOTICE").read_text()

    assert network.sha256 in notice
    assert network.file in notice
    assert network.licence.partition("-")[0] in notice
