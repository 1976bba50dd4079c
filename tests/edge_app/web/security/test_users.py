import time

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute, _IncludedRouter
from starlette.testclient import WebSocketDenialResponse

from edge_app.web.app import create_app
from edge_app.web.security.users import SESSION_S
from edge_app.web.services import Services
from tests.edge_app.web.conftest import PASSWORDS, client_of

OPEN = {"/healthz", "/readyz", "/login", "/logout", "/language", "/display"}


def routes(services: Services) -> list[tuple[str, str]]:
    """Method and path of every route, with 1 for every number in it."""
    found = []
    included = create_app(services).routes
    routers = [route.original_router for route in included if isinstance(route, _IncludedRouter)]
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute):
            path = route.path.format_map(dict.fromkeys(route.param_convertors, "1"))
            found += [(method, path) for method in route.methods or ()]
        elif isinstance(route, APIWebSocketRoute):
            found.append(("WS", route.path))
    return found


def test_nothing_but_the_open_pages_is_answered_without_a_login(protected: Services) -> None:
    client = client_of(protected)
    asked = [pair for pair in routes(protected) if pair[1] not in OPEN]
    assert len(asked) > 5
    for method, path in asked:
        if method == "WS":
            with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect(path):
                pass
            assert denied.value.status_code in (401, 403), path
        else:
            assert client.request(method, path).status_code == 401, (method, path)


def test_a_viewer_changes_nothing(protected: Services) -> None:
    client = client_of(protected)
    client.post("/login", data={"password": PASSWORDS["viewer"]})
    changing = [
        (method, path)
        for method, path in routes(protected)
        if method not in ("GET", "WS") and path not in OPEN
    ]
    for method, path in changing:
        assert client.request(method, path).status_code == 403, (method, path)


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("192.168.1.20", {}),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"Host": "kiosk.example.org"}),
        ("127.0.0.1", {"Host": "127.0.0.1.example.org:8000"}),
    ],
)
def test_without_a_password_only_a_browser_on_this_machine_is_let_in(
    services: Services, host: str, headers: dict[str, str]
) -> None:
    assert client_of(services).get("/metrics").status_code == 200
    answer = client_of(services, host=host).get("/metrics", headers=headers)
    assert answer.status_code == 403
    assert "set one with `reconocias web password`" in answer.json()["detail"]


def test_a_token_is_as_good_as_its_role(protected: Services) -> None:
    token = protected.access.add_token("script", "viewer")
    client = client_of(protected, host="192.168.1.20")

    assert client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 401
    protected.access.revoke_token("script")
    assert client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_new_password_ends_the_sessions_of_the_old_one(protected: Services) -> None:
    client = client_of(protected)
    client.post("/login", data={"password": PASSWORDS["viewer"]})
    assert client.get("/metrics").status_code == 200

    protected.access.set_password("viewer", "something else now")

    assert client.get("/metrics").status_code == 401


def test_a_session_that_was_tampered_with_is_none(protected: Services) -> None:
    client = client_of(protected)
    client.post("/login", data={"password": PASSWORDS["viewer"]})
    cookie = client.cookies["reconocias"]
    client.cookies.clear()
    client.cookies.set("reconocias", "x" + cookie)
    assert client.get("/metrics").status_code == 401


def test_a_session_ends_a_week_after_the_login(
    protected: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(protected)
    client.post("/login", data={"password": PASSWORDS["viewer"]})
    later = time.time() + SESSION_S
    monkeypatch.setattr("edge_app.web.security.users.time.time", lambda: later - 60)
    assert client.get("/metrics").status_code == 200
    monkeypatch.setattr("edge_app.web.security.users.time.time", lambda: later + 60)
    assert client.get("/metrics").status_code == 401


def test_a_copy_of_the_cookie_is_worth_nothing_after_the_logout(protected: Services) -> None:
    client, copy = client_of(protected), client_of(protected)
    client.post("/login", data={"password": PASSWORDS["viewer"]})
    copy.cookies.update(client.cookies)
    assert copy.get("/metrics").status_code == 200
    client.post("/logout")
    assert copy.get("/metrics").status_code == 401
