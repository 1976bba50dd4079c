from pathlib import Path
from unittest.mock import Mock

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from edge_app.core.errors import RuntimeMissingError
from edge_app.core.types import ColorImage
from edge_app.enrolment.selection import Refusal
from edge_app.kiosk.settings import Settings
from edge_app.storage import crops
from edge_app.storage.gallery import Gallery
from edge_app.web.services import Services
from tests.edge_app.conftest import scene
from tests.edge_app.web.conftest import StillControls
from tests.edge_app.web.live.test_viewers import showing
from tests.embedded import striped_samples, striped_space
from tests.stored import drawn_sample, new_sample


def jpeg(image: ColorImage) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


ONE = jpeg(scene(1, side=240))
TILTED = jpeg(
    cv2.warpAffine(
        scene(1, side=240), cv2.getRotationMatrix2D((320, 240), 12, 1.0), (640, 480)
    ).astype(np.uint8)
)


@pytest.fixture
def gallery(services: Services) -> Gallery:
    return services.gallery


def enrolled(gallery: Gallery, name: str, *, samples: int = 2) -> int:
    moods = np.linspace(-1, 1, samples)
    return gallery.enrol(name, [new_sample(1, mood=mood) for mood in moods]).id


def test_nobody_is_enrolled_where_identities_are_off(
    client: TestClient, services: Services, controls: StillControls
) -> None:
    ana = enrolled(services.gallery, "Ana")
    unknown = services.unknown.see([new_sample(7)])
    controls.settings = Settings.model_validate({"identity": {"enabled": False}})

    answers = [
        client.post("/api/people", params={"name": "Íñigo"}, content=ONE),
        client.post(f"/api/people/{ana}/photos", content=TILTED),
        client.post(f"/api/unknown/{unknown.id}/name", json={"name": "Eva"}),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert all("nobody can be enrolled" in answer.json()["detail"] for answer in answers)
    assert [(one.name, one.sample_count) for one in services.gallery.people()] == [("Ana", 2)]
    for page in ("/people", f"/people/{ana}"):
        assert "[identity] enabled = false" in client.get(page).text
    assert client.delete(f"/api/people/{ana}").status_code == 200  # who is there can still go


def test_a_photo_enrols_and_the_next_ones_are_added(
    client: TestClient, controls: StillControls
) -> None:
    answer = client.post("/api/people", params={"name": "Íñigo"}, content=ONE)
    assert answer.status_code == 201
    person = answer.json()
    assert (person["name"], person["samples"]) == ("Íñigo", 1)

    again = client.post(f"/api/people/{person['id']}/photos", content=ONE)
    answer = client.post(f"/api/people/{person['id']}/photos", content=TILTED)

    assert again.status_code == 422
    assert again.json()["detail"] == Refusal.ALIKE.about_photo
    assert answer.json()["samples"] == 2
    assert controls.asked == ["people changed", "people changed"]
    samples = client.get(f"/api/people/{person['id']}/samples").json()
    assert [sample["origin"] for sample in samples] == ["upload", "upload"]
    page = client.get("/people").text
    assert "Íñigo" in page and f"/people/{person['id']}" in page


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (jpeg(np.full((300, 300, 3), 120, np.uint8)), Refusal.NO_FACE.about_photo),
        (jpeg(scene(1, 3)), Refusal.SEVERAL_FACES.about_photo),
        (jpeg(cv2.resize(scene(1), (160, 120)).astype(np.uint8)), Refusal.TOO_SMALL.about_photo),
        (jpeg((scene(1, side=240) * 0.25).astype(np.uint8)), Refusal.TOO_DARK.about_photo),
        (ONE[: len(ONE) // 2], "expected a whole photo"),
        (b"", "found an empty file"),
        (b"PK\x03\x04" + bytes(1000), "found something else"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(1000), "expected a photo, found a video"),
    ],
)
def test_the_gates_reasons_are_told_and_nobody_is_enrolled(
    client: TestClient, gallery: Gallery, photo: bytes, reason: str
) -> None:
    answer = client.post("/api/people", params={"name": "Ana"}, content=photo)
    assert answer.status_code == 422
    assert reason in answer.json()["detail"]
    assert "/tmp" not in answer.json()["detail"]
    assert gallery.people() == []


def test_a_name_is_given_to_one_alone(client: TestClient, gallery: Gallery) -> None:
    enrolled(gallery, "Ana")
    answer = client.post("/api/people", params={"name": "ANA"}, content=ONE)
    assert answer.status_code == 409
    assert "enrolled already" in answer.json()["detail"]
    assert len(gallery.people()) == 1


def test_rename_merge_and_delete(
    client: TestClient, gallery: Gallery, controls: StillControls
) -> None:
    ana, other = enrolled(gallery, "Ana"), enrolled(gallery, "Persona 4", samples=3)

    assert client.patch(f"/api/people/{ana}", json={"name": "Ana María"}).json()["name"] == (
        "Ana María"
    )
    merged = client.post(f"/api/people/{ana}/merge", json={"from_id": other}).json()
    assert merged["samples"] == 5
    assert [person["name"] for person in client.get("/api/people").json()] == ["Ana María"]
    assert client.delete(f"/api/people/{ana}").json() == {"name": "Ana María", "samples": 5}
    assert client.get("/api/people").json() == []
    assert controls.asked == ["people changed"] * 3


def test_a_sample_is_shown_and_removed(client: TestClient, gallery: Gallery) -> None:
    ana, other = enrolled(gallery, "Ana"), enrolled(gallery, "Íñigo")
    sample = gallery.samples(ana)[0]

    picture = client.get(f"/api/people/{ana}/samples/{sample.id}/picture")
    assert picture.headers["content-type"] == "image/webp"
    shown = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(shown, sample.crop)
    assert client.delete(f"/api/people/{other}/samples/{sample.id}").status_code == 404
    assert client.delete(f"/api/people/{ana}/samples/{sample.id}").status_code == 204
    assert len(gallery.samples(ana)) == 1


def test_who_is_enrolled_is_listed_without_decoding_a_picture(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = enrolled(services.gallery, "Ana")
    services.gallery.rejections.add(ana, drawn_sample(2))
    services.unknown.see([new_sample(7)])
    client.get("/people")  # after which the embeddings are there
    monkeypatch.setattr(crops, "decode_crop", Mock(side_effect=AssertionError("decoded")))

    for path in ("/people", f"/people/{ana}", "/api/people", "/api/unknown"):
        assert client.get(path).status_code == 200, path
    for kind in ("samples", "rejections"):
        assert len(client.get(f"/api/people/{ana}/{kind}").json()) > 0


def test_a_wrongly_named_face_is_remembered_as_such(
    client: TestClient, gallery: Gallery, controls: StillControls
) -> None:
    ana, other = enrolled(gallery, "Ana"), enrolled(gallery, "Begoña")
    with showing(controls.kiosk):
        client.get("/api/live")  # waits for a frame
        answer = client.post(f"/api/people/{ana}/rejections", json={"track": 1})
        assert answer.status_code == 204
        assert [rejection.person_id for rejection in gallery.rejections.faces()] == [ana]
        assert controls.asked == ["people changed"]
        for person_id, track in ((ana, 2), (other, 1)):
            answer = client.post(f"/api/people/{person_id}/rejections", json={"track": track})
            assert answer.status_code == 409
            assert "found it gone or named otherwise" in answer.json()["detail"]
    assert len(gallery.rejections.faces()) == 1


def test_corrections_are_seen_and_deleted(
    client: TestClient, gallery: Gallery, controls: StillControls
) -> None:
    ana, other = enrolled(gallery, "Ana"), enrolled(gallery, "Begoña")
    assert 'id="corrections"' not in client.get(f"/people/{ana}").text
    for seed in (2, 3, 4):
        gallery.rejections.add(ana, drawn_sample(seed))
    counts = {person["name"]: person["rejections"] for person in client.get("/api/people").json()}
    assert counts == {"Ana": 3, "Begoña": 0}
    first, *_ = client.get(f"/api/people/{ana}/rejections").json()

    picture = client.get(f"/api/people/{ana}/rejections/{first['id']}/picture")
    assert picture.content == gallery.rejections.faces()[0].data
    page = client.get(f"/people/{ana}").text
    assert f"/api/people/{ana}/rejections/{first['id']}/picture" in page
    assert f'data-delete="rejections/{first["id"]}"' in page

    path = f"/api/people/{ana}/rejections/{first['id']}"
    assert client.delete(f"/api/people/{other}/rejections/{first['id']}").status_code == 404
    assert client.delete(path).status_code == 204
    assert client.delete(path).status_code == 404
    assert gallery.person(ana).rejection_count == 2
    assert client.delete(f"/api/people/{ana}/rejections").status_code == 204
    assert client.get(f"/api/people/{ana}/rejections").json() == []
    assert controls.asked == ["people changed"] * 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/people/9"),
        ("PATCH", "/api/people/9"),
        ("DELETE", "/api/people/9"),
        ("GET", "/api/people/9/samples"),
        ("GET", "/api/people/9/samples/1/picture"),
        ("GET", "/api/people/9/rejections"),
        ("GET", "/api/people/9/rejections/1/picture"),
        ("DELETE", "/api/people/9/rejections/1"),
        ("DELETE", "/api/people/9/rejections"),
        ("POST", "/api/people/9/photos"),
    ],
)
def test_nobody_of_a_number_is_404(client: TestClient, method: str, path: str) -> None:
    body = {"json": {"name": "Ana"}} if method == "PATCH" else {}
    answer = client.request(method, path, **body)  # type: ignore[arg-type]
    assert answer.status_code == 404
    assert "nobody of number 9" in answer.json()["detail"]


def test_enrolling_at_the_kiosk_is_asked_for(client: TestClient, controls: StillControls) -> None:
    assert client.post("/api/enrolment", json={"name": " Ana "}).status_code == 202
    assert client.post("/api/enrolment", json={}).status_code == 202
    assert client.get("/api/enrolment").json() is None
    assert client.delete("/api/enrolment").status_code == 202
    assert controls.asked == ["enrol Ana", "enrol None", "cancel"]


def test_nothing_of_a_photo_is_left_on_the_disk(client: TestClient, tmp_path: Path) -> None:
    client.post("/api/people", params={"name": "Ana"}, content=ONE)
    assert [path.name for path in tmp_path.rglob("*") if path.suffix in (".jpg", ".png")] == []


def test_a_face_that_is_somebodys_is_added_to_another_only_when_asked_again(
    client: TestClient, gallery: Gallery
) -> None:
    everything_alike(client, gallery)
    ana, eva = gallery.find("Ana").id, gallery.find("Eva").id

    for path in ("/api/people?name=Bea", f"/api/people/{eva}/photos?"):
        answer = client.post(path, content=ONE)
        assert answer.status_code == 409
        assert answer.json()["looks_like"] == {"id": ana, "name": "Ana"}
        assert "looks like Ana (" in answer.json()["detail"]
    assert [(one.name, one.sample_count) for one in gallery.people()] == [("Ana", 1), ("Eva", 1)]

    for path in (
        f"/api/people/{ana}/photos?",
        "/api/people?name=Bea&anyway=true",
        f"/api/people/{eva}/photos?anyway=true",
    ):
        assert client.post(path, content=TILTED).status_code == 201, path
    assert [one.sample_count for one in gallery.people()] == [2, 1, 2]


def test_a_face_unlike_a_persons_samples_is_added_only_when_asked_again(
    client: TestClient, services: Services, controls: StillControls
) -> None:
    controls.faces = striped_space()
    ana = services.gallery.enrol("Ana", striped_samples(0.0, 0.7, -0.7)).id

    refused = client.post(f"/api/people/{ana}/photos", content=ONE)
    asked = client.post(f"/api/people/{ana}/photos?anyway=true", content=ONE)

    assert (refused.status_code, refused.json()["unlike"]) == (409, {"id": ana, "name": "Ana"})
    assert "looks_like" not in refused.json()
    assert (asked.status_code, asked.json()["samples"]) == (201, 4)


def everything_alike(client: TestClient, gallery: Gallery) -> None:
    """Ana is enrolled with the photograph, and Eva with what looks like nothing else."""
    services = client.app.state.services  # type: ignore[attr-defined]
    services.controls.faces = striped_space()
    assert client.post("/api/people?name=Ana", content=ONE).status_code == 201
    gallery.enrol("Eva", striped_samples(0.0, 0.7, -0.7, count=1))


def test_more_samples_than_may_be_kept_are_thinned(
    client: TestClient, gallery: Gallery, controls: StillControls
) -> None:
    recognition = controls.settings.recognition.model_dump()
    controls.settings = Settings.model_validate(
        {"enrolment": {"most_samples": 5}, "recognition": recognition}
    )
    ana, other = enrolled(gallery, "Ana", samples=5), enrolled(gallery, "Eva", samples=4)

    assert client.post(f"/api/people/{ana}/photos", content=ONE).json()["samples"] == 5
    merged = client.post(f"/api/people/{ana}/merge", json={"from_id": other}).json()
    assert merged["samples"] == 5


def test_what_is_wrong_with_people_is_said_on_their_pages(
    client: TestClient, gallery: Gallery, controls: StillControls
) -> None:
    controls.faces = striped_space()
    client.cookies.set("language", "en")
    assert 'class="card health"' not in client.get("/people").text
    ana = gallery.enrol("Ana", [*striped_samples(1.0), *striped_samples(0.1, 0.9, count=1)]).id
    eva = gallery.enrol("Eva", striped_samples(0.0, 1.0)).id

    listed, shown, other = (
        client.get(path).text for path in ("/people", f"/people/{ana}", f"/people/{eva}")
    )

    words = "Samples of Ana that look more like Eva: 1."
    assert words in listed and words in shown and words not in other
    assert 'class="attention"' in listed
    assert shown.count('class="doubtful"') == 1


def test_the_pages_are_there_where_no_network_runs(
    client: TestClient, gallery: Gallery, controls: StillControls, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = enrolled(gallery, "Ana")
    missing = Mock(side_effect=RuntimeMissingError("no runtime"))
    monkeypatch.setattr(controls, "space", missing)

    for path in ("/people", f"/people/{ana}", "/api/unknown"):
        assert client.get(path).status_code == 200
