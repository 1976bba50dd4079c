"""Databases as older programs wrote them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.samples.faces import drawn_face
from edge_app.storage import state as state_module
from edge_app.storage.crops import NewFace
from edge_app.storage.events import EventLog
from edge_app.storage.gallery import Gallery
from edge_app.storage.schema import SCHEMA_VERSION
from edge_app.storage.state import State
from edge_app.storage.unknown import UnknownPeople
from tests.stored import drawn_sample, new_sample, quality

GREY = [drawn_face(seed, side=84) for seed in (1, 2, 3)]


def write_old(folder: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of a version with a sample, its projections, a correction and a stranger."""
    sample, wrong, stranger = (cv2.imencode(".png", crop)[1].tobytes() for crop in GREY)
    with monkeypatch.context() as older:
        older.setattr(state_module, "SCHEMA_VERSION", version)
        with State(folder) as state, state.writing() as connection:
            connection.execute("INSERT INTO people (name, key, created_at) VALUES ('A', 'a', 7)")
            connection.execute(
                "INSERT INTO samples (person_id, crop, quality, origin, created_at) "
                "VALUES (1, ?, 0.4, 'camera', 8)",
                (sample,),
            )
            connection.execute("INSERT INTO projections VALUES (1, 'basis', 1, x'003c')")
            connection.execute(
                "INSERT INTO rejections (person_id, crop, created_at) VALUES (1, ?, 9)", (wrong,)
            )
            if version > 1:  # nothing was ever written to the first version's
                connection.execute(
                    "INSERT INTO unknown_people (sightings, first_seen, last_seen) VALUES (2, 1, 3)"
                )
                connection.execute(
                    "INSERT INTO unknown_faces (unknown_id, crop, quality, seen_at) "
                    "VALUES (1, ?, 0.6, 2)",
                    (stranger,),
                )


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_an_older_database_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    write_old(tmp_path, version, monkeypatch)

    with State(tmp_path) as state:
        gallery, unknown = Gallery(state), UnknownPeople(state)
        with state.reading() as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        (person,) = gallery.people()
        assert (person.name, person.sample_count, person.rejection_count) == ("A", 1, 1)
        (sample,) = gallery.samples(person.id)
        assert (sample.quality, sample.origin, sample.measured) == (0.4, "camera", None)
        stored = [sample, *gallery.rejections.faces(), *unknown.faces()]
        assert len(stored) == (2 if version == 1 else 3)
        for face, grey in zip(stored, GREY, strict=False):
            assert (face.layout, face.media_type) == ("box", "image/png")
            np.testing.assert_array_equal(face.crop, cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
        for kept in (gallery, gallery.rejections, unknown):
            assert kept.embeddings("basis") == {}
            kept.align({old.id: NewFace(drawn_sample(), quality()) for old in kept.unaligned()})
            assert kept.unaligned() == []
        assert gallery.samples()[0].measured == quality()
        assert gallery.add_samples(person.id, [new_sample()]).sample_count == 2


@pytest.mark.parametrize("erased", ["person", "stranger"])
def test_pictures_of_an_older_program_are_gone_from_the_files_when_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, erased: str
) -> None:
    write_old(tmp_path, 5, monkeypatch)
    with State(tmp_path) as state:
        for kept in (Gallery(state), Gallery(state).rejections, UnknownPeople(state)):
            kept.align({old.id: NewFace(drawn_sample(), quality()) for old in kept.unaligned()})
        if erased == "person":
            Gallery(state).delete(1)
        else:
            UnknownPeople(state).discard(1)

        everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    gone = GREY[:2] if erased == "person" else GREY[2:]
    for crop in gone:
        assert cv2.imencode(".png", crop)[1].tobytes()[60:160] not in everything


def test_the_visits_that_an_older_version_had_to_tell_are_those_of_mqtt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(state_module, "SCHEMA_VERSION", 4)
        with State(tmp_path) as state, state.writing() as connection:
            for _ in range(2):
                connection.execute(
                    "INSERT INTO visits (track_id, started_at, ended_at) VALUES (1, 0, 9)"
                )
            connection.execute("INSERT INTO untold_visits VALUES (2)")

    with State(tmp_path) as state:
        assert [visit.key for visit in EventLog(state).untold("mqtt")] == [2]
