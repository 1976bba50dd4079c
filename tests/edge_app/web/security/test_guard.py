import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from edge_app.kiosk.settings import Settings, WebSettings
from edge_app.web.security.guard import SECURITY_HEADERS, is_same_origin
from edge_app.web.services import Services
from tests.edge_app.web.conftest import StillControls, client_of

HOST = {"Host": "127.0.0.1:8000"}


@pytest.mark.parametrize("path", ["/", "/login", "/static/style.css", "/healthz", "/nowhere"])
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "unsafe" not in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://127.0.0.1:9000"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://[x"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
def test_other_sites_are_told_from_this_one(headers: dict[str, str], same: bool) -> None:
    assert is_same_origin(Headers(HOST | headers)) is same


def test_another_site_can_neither_post_nor_look(client: TestClient) -> None:
    foreign = {"Origin": "http://evil.example"}
    answer = client.post("/language", data={"language": "en"}, headers=foreign)
    assert answer.status_code == 403
    assert "has to pass the Host header on" in answer.json()["detail"]
    with (
        pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)),
        client.websocket_connect("ws://127.0.0.1:8000/live", headers=foreign),
    ):
        pass


def test_links_lead_back_through_a_proxy(services: Services) -> None:
    services.access.set_password("viewer", "only to look at")
    client = client_of(services)
    forwarded = {"X-Forwarded-For": "10.0.0.9", "X-Forwarded-Prefix": "/hall/kiosk/"}
    assert 'href="/hall/kiosk/static/style.css"' in client.get("/login", headers=forwarded).text
    answer = client.get("/", headers={"Accept": "text/html"} | forwarded)
    assert answer.headers["location"] == "/hall/kiosk/login?next=/"


def test_a_prefix_that_is_none_is_left_out(client: TestClient) -> None:
    for prefix in ("//evil.example", '/"onload="', "hall", "/a b"):
        assert 'href="/static/' in client.get("/", headers={"X-Forwarded-Prefix": prefix}).text


def test_the_set_prefix_is_for_requests_through_the_proxy_alone(
    services: Services, controls: StillControls
) -> None:
    controls.settings = Settings(web=WebSettings(root_path="/hall"))
    client = client_of(services)
    assert 'href="/static/' in client.get("/login").text
    assert 'href="/hall/static/' in client.get("/login", headers={"Via": "1.1 proxy"}).text


def test_large_bodies_are_refused_whether_they_say_so_or_not(client: TestClient) -> None:
    answer = client.post("/login", content=b"x" * 100_000)
    assert answer.status_code == 413
    chunks = (b"x" * 10_000 for _ in range(10))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/login", content=chunks, headers=form)
    assert answer.status_code == 413
    assert "expected at most" in answer.json()["detail"]
