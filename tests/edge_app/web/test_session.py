import pytest

from edge_app.web.security.lockout import FREE_ATTEMPTS
from edge_app.web.services import Services
from tests.edge_app.web.conftest import PASSWORDS, client_of

PAGE = {"Accept": "text/html"}


def test_a_browser_is_led_to_the_login_and_back(protected: Services) -> None:
    client = client_of(protected)
    answer = client.get("/kiosk", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/kiosk")

    answer = client.post("/login", data={"password": PASSWORDS["viewer"], "next": "/kiosk"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/kiosk")
    cookie = answer.headers["set-cookie"]
    assert "httponly; samesite=lax" in cookie and "secure" not in cookie
    assert client.get("/kiosk", headers=PAGE).status_code == 200
    client.post("/logout")
    assert client.get("/kiosk").status_code == 401


def test_over_https_the_session_never_travels_over_http(protected: Services) -> None:
    client = client_of(protected)
    answer = client.post("https://127.0.0.1/login", data={"password": PASSWORDS["viewer"]})
    assert answer.headers["set-cookie"].startswith("__Host-reconocias=")
    assert answer.headers["set-cookie"].endswith("secure")


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x", "", "//[x"],
)
def test_the_login_leads_to_no_other_site(protected: Services, wanted: str) -> None:
    client = client_of(protected)
    answer = client.post("/login", data={"password": PASSWORDS["viewer"], "next": wanted})
    assert answer.headers["location"] == "/"
    answer = client.post("/language", data={"language": "en", "next": wanted})
    assert answer.headers["location"] == "/"
    assert 'name="next" value="/"' in client.get("/login", params={"next": wanted}).text


def test_wrong_passwords_are_refused_and_then_locked_out(protected: Services) -> None:
    client = client_of(protected)
    for _ in range(FREE_ATTEMPTS):
        answer = client.post("/login", data={"password": "guess"})
        assert answer.status_code == 401
        assert "Esa no es la contraseña" in answer.text

    answer = client.post("/login", data={"password": PASSWORDS["operator"]})

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 29
    assert "Demasiados intentos" in answer.text
    other = client_of(protected, host="192.168.1.9")
    assert other.post("/login", data={"password": PASSWORDS["operator"]}).status_code == 303


def test_the_kiosks_own_screen_needs_no_keyboard(protected: Services) -> None:
    client = client_of(protected)
    client.get("/display", params={"key": "guess"})
    assert client.get("/metrics").status_code == 401

    answer = client.get("/display", params={"key": protected.access.read().display_key()})

    assert answer.headers["location"] == "/kiosk"
    assert client.get("/kiosk").status_code == 200
    assert client.get("/metrics").status_code == 200


def test_the_screens_key_opens_nothing_from_elsewhere(protected: Services) -> None:
    key = {"key": protected.access.read().display_key()}
    away = client_of(protected, host="192.168.1.9")
    assert away.get("/display", params=key).headers["location"] == "/kiosk"
    assert away.get("/kiosk").status_code == 401
    tunnel = client_of(protected)
    tunnel.get("/display", params=key, headers={"X-Forwarded-For": "192.168.1.9"})
    assert tunnel.get("/kiosk").status_code == 401


def test_the_screen_is_let_in_where_the_page_listens_on_another_address(
    protected: Services,
) -> None:
    screen = client_of(protected, host="192.168.1.9")
    key = {"key": protected.access.read().display_key()}
    screen.get("http://192.168.1.9/display", params=key)
    assert screen.get("http://192.168.1.9/kiosk").status_code == 200


def test_a_screen_that_was_opened_before_there_was_a_password_goes_on(services: Services) -> None:
    client = client_of(services)
    client.get("/display", params={"key": services.access.read().display_key()})
    services.access.set_password("operator", PASSWORDS["operator"])
    assert client.get("/kiosk").status_code == 200
    assert client.get("/people").status_code == 403


def test_the_language_is_the_chosen_then_the_browsers_then_the_kiosks(services: Services) -> None:
    client = client_of(services)
    assert "En directo" in client.get("/").text
    english = {"Accept-Language": "fr;q=0.9, en-GB;q=0.8, es;q=0.1"}
    assert "Frames" not in client.get("/").text
    assert "In view" in client.get("/", headers=english).text
    client.post("/language", data={"language": "es"})
    assert "A la vista" in client.get("/", headers=english).text
    assert client.post("/language", data={"language": "xx"}).status_code == 422
