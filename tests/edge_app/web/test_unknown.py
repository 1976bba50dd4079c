import pytest
from starlette.testclient import TestClient

from edge_app.web.services import Services
from tests.edge_app.web.conftest import StillControls
from tests.edge_app.web.test_people import enrolled
from tests.embedded import striped_samples, striped_space
from tests.stored import new_sample


def kept(services: Services, seed: int = 5, *, times: int = 1) -> int:
    """The number of a stranger who came so many times."""
    number = None
    for _ in range(times):
        number = services.unknown.see([new_sample(seed)], number).id
    assert number is not None
    return number


def test_strangers_are_listed_with_pictures_and_times(
    client: TestClient, services: Services
) -> None:
    number = kept(services, times=2)
    (record,) = client.get("/api/unknown").json()
    assert (record["id"], record["sightings"], len(record["faces"])) == (number, 2, 2)
    assert record["first_seen"] <= record["last_seen"]
    path = f"/api/unknown/{number}/faces/{record['faces'][0]}/picture"
    shown = client.get(path)
    assert shown.headers["content-type"] == "image/webp"
    assert shown.content == services.unknown.faces(number)[0].data
    assert path in client.get("/people").text


def test_a_stranger_becomes_somebody_new_or_somebody_enrolled(
    client: TestClient, services: Services, controls: StillControls
) -> None:
    ana = enrolled(services.gallery, "Ana", samples=2)
    one, other = kept(services, 5), kept(services, 6)

    new = client.post(f"/api/unknown/{one}/name", json={"name": "Begoña"}).json()
    same = client.post(f"/api/unknown/{other}/name", json={"name": "ana"}).json()

    assert (new["name"], new["samples"]) == ("Begoña", 1)
    assert (same["id"], same["name"], same["samples"]) == (ana, "Ana", 3)
    assert client.get("/api/unknown").json() == []
    assert controls.asked == ["people changed"] * 2


def test_whom_a_stranger_looks_like_is_told(
    client: TestClient, services: Services, controls: StillControls
) -> None:
    controls.faces = striped_space()
    services.gallery.enrol("Ana", striped_samples(1.0))
    services.unknown.see(striped_samples(0.44, 0.1))
    services.unknown.see(striped_samples(0.2, 0.1))

    alike = {record["looks_like"] for record in client.get("/api/unknown").json()}

    assert alike == {"Ana", None}
    assert client.get("/people").text.count("se parece a Ana") == 1


def test_a_stranger_who_is_somebody_else_is_named_only_when_asked_again(
    client: TestClient, services: Services, controls: StillControls
) -> None:
    controls.faces = striped_space()
    ana = services.gallery.enrol("Ana", striped_samples(1.0)).id
    one, other = (services.unknown.see(striped_samples(0.6, 0.1)).id for _ in range(2))

    refused = client.post(f"/api/unknown/{one}/name", json={"name": "Eva"})
    named = client.post(f"/api/unknown/{one}/name", json={"name": "ANA"})
    asked = client.post(f"/api/unknown/{other}/name?anyway=true", json={"name": "Eva"})

    assert (refused.status_code, refused.json()["looks_like"]["id"]) == (409, ana)
    assert (named.json()["id"], asked.json()["name"]) == (ana, "Eva")


def test_a_stranger_whose_faces_are_two_peoples_is_named_only_when_asked_again(
    client: TestClient, services: Services, controls: StillControls
) -> None:
    controls.faces = striped_space()
    two = services.unknown.see([*striped_samples(1.0, count=2), *striped_samples(0.0, 1.0)]).id

    refused = client.post(f"/api/unknown/{two}/name", json={"name": "Eva"})
    asked = client.post(f"/api/unknown/{two}/name?anyway=true", json={"name": "Eva"})

    assert (refused.status_code, refused.json()["two_people"]) == (409, None)
    assert asked.json()["name"] == "Eva"


def test_a_stranger_is_discarded(client: TestClient, services: Services) -> None:
    number = kept(services)
    assert client.post(f"/api/unknown/{number}/name", json={"name": "\u0000"}).status_code == 409
    assert client.delete(f"/api/unknown/{number}").status_code == 204
    assert services.unknown.people() == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/9/name"), ("DELETE", "/9"), ("GET", "/9/faces/1/picture")]
)
def test_nobody_of_a_number_is_404(client: TestClient, method: str, path: str) -> None:
    body = {"json": {"name": "Ana"}} if method == "POST" else {}
    answer = client.request(method, f"/api/unknown{path}", **body)  # type: ignore[arg-type]
    assert answer.status_code == 404
    assert "found none of number 9" in answer.json()["detail"]


def test_the_page_says_that_nothing_is_kept_where_it_is_off(client: TestClient) -> None:
    assert "Ahora no se guarda a ningún desconocido" in client.get("/people").text
