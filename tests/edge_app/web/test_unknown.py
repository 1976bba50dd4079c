import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from edge_app.samples.faces import drawn_face
from edge_app.storage.gallery import NewSample
from edge_app.web.services import Services
from tests.edge_app.web.conftest import StillControls
from tests.edge_app.web.test_people import enrolled


def kept(services: Services, seed: int = 5, *, times: int = 1) -> int:
    """The number of a stranger who came so many times."""
    number = None
    for _ in range(times):
        face = NewSample(drawn_face(seed, side=48), 0.5, "unknown")
        number = services.unknown.see([face], number).id
    assert number is not None
    return number


def test_strangers_are_listed_with_pictures_and_times(
    client: TestClient, services: Services
) -> None:
    number = kept(services, times=2)
    (record,) = client.get("/api/unknown").json()
    assert (record["id"], record["sightings"], len(record["faces"])) == (number, 2, 2)
    assert record["first_seen"] <= record["last_seen"]
    path = f"/api/unknown/{number}/faces/{record['faces'][0]}.png"
    shown = client.get(path)
    assert shown.headers["content-type"] == "image/png"
    crop = cv2.imdecode(np.frombuffer(shown.content, np.uint8), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(crop, drawn_face(5, side=48))
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


def test_a_stranger_is_discarded(client: TestClient, services: Services) -> None:
    number = kept(services)
    assert client.post(f"/api/unknown/{number}/name", json={"name": "\u0000"}).status_code == 409
    assert client.delete(f"/api/unknown/{number}").status_code == 204
    assert services.unknown.people() == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/9/name"), ("DELETE", "/9"), ("GET", "/9/faces/1.png")]
)
def test_nobody_of_a_number_is_404(client: TestClient, method: str, path: str) -> None:
    body = {"json": {"name": "Ana"}} if method == "POST" else {}
    answer = client.request(method, f"/api/unknown{path}", **body)  # type: ignore[arg-type]
    assert answer.status_code == 404
    assert "found none of number 9" in answer.json()["detail"]


def test_the_page_says_that_nothing_is_kept_where_it_is_off(client: TestClient) -> None:
    assert "Ahora no se guarda a ningún desconocido" in client.get("/people").text
