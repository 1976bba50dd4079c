"""The tables of the device's database, by the steps that led to them."""

MIGRATIONS = (
    """
    CREATE TABLE people (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        key TEXT NOT NULL UNIQUE,
        created_at REAL NOT NULL
    );
    CREATE TABLE samples (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        person_id INTEGER NOT NULL REFERENCES people ON DELETE CASCADE,
        crop BLOB NOT NULL,
        quality REAL NOT NULL,
        origin TEXT NOT NULL,
        created_at REAL NOT NULL
    );
    CREATE INDEX samples_of_person ON samples (person_id);
    CREATE TABLE projections (
        sample_id INTEGER PRIMARY KEY REFERENCES samples ON DELETE CASCADE,
        basis TEXT NOT NULL,
        copies INTEGER NOT NULL,
        vectors BLOB NOT NULL
    );
    CREATE TABLE rejections (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        person_id INTEGER NOT NULL REFERENCES people ON DELETE CASCADE,
        crop BLOB NOT NULL,
        created_at REAL NOT NULL
    );
    CREATE INDEX rejections_of_person ON rejections (person_id);
    CREATE TABLE unknown_faces (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        crop BLOB NOT NULL,
        quality REAL NOT NULL,
        sightings INTEGER NOT NULL,
        first_seen REAL NOT NULL,
        last_seen REAL NOT NULL
    );
    CREATE TABLE visits (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        person_id INTEGER REFERENCES people ON DELETE CASCADE,
        track_id INTEGER NOT NULL,
        started_at REAL NOT NULL,
        ended_at REAL NOT NULL
    );
    CREATE INDEX visits_of_person ON visits (person_id);
    CREATE INDEX visits_by_start ON visits (started_at);
    CREATE TABLE visit_emotions (
        visit_id INTEGER NOT NULL REFERENCES visits ON DELETE CASCADE,
        emotion TEXT NOT NULL,
        started_at REAL NOT NULL,
        ended_at REAL NOT NULL
    );
    CREATE INDEX emotions_of_visit ON visit_emotions (visit_id);
    CREATE TABLE gallery_revision (value INTEGER NOT NULL);
    INSERT INTO gallery_revision VALUES (0);
    """
    + "".join(
        f"""
    CREATE TRIGGER {table}_{event.lower()} AFTER {event} ON {table}
        BEGIN UPDATE gallery_revision SET value = value + 1; END;
    """
        for table in ("people", "samples", "rejections")
        for event in ("INSERT", "UPDATE", "DELETE")
    ),
    """
    DROP TABLE unknown_faces;
    CREATE TABLE unknown_people (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sightings INTEGER NOT NULL,
        first_seen REAL NOT NULL,
        last_seen REAL NOT NULL
    );
    CREATE TABLE unknown_faces (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        unknown_id INTEGER NOT NULL REFERENCES unknown_people ON DELETE CASCADE,
        crop BLOB NOT NULL,
        quality REAL NOT NULL,
        seen_at REAL NOT NULL
    );
    CREATE INDEX faces_of_unknown ON unknown_faces (unknown_id);
    """,
    """
    CREATE TABLE untold_visits (
        visit_id INTEGER PRIMARY KEY REFERENCES visits ON DELETE CASCADE
    );
    """,
    """
    CREATE TABLE merged_people (
        from_id INTEGER PRIMARY KEY,
        into_id INTEGER NOT NULL REFERENCES people ON DELETE CASCADE
    );
    """,
    """
    CREATE TABLE visits_to_tell (
        visit_id INTEGER NOT NULL REFERENCES visits ON DELETE CASCADE,
        outlet TEXT NOT NULL,
        PRIMARY KEY (visit_id, outlet)
    ) WITHOUT ROWID;
    INSERT INTO visits_to_tell SELECT visit_id, 'mqtt' FROM untold_visits;
    DROP TABLE untold_visits;
    """,
    "DROP TABLE projections;"
    + "".join(
        f"""
    ALTER TABLE {table} ADD COLUMN layout TEXT NOT NULL DEFAULT 'box';
    ALTER TABLE {table} ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE embeddings_of_{table} (
        face_id INTEGER PRIMARY KEY REFERENCES {table} ON DELETE CASCADE,
        network TEXT NOT NULL,
        copies INTEGER NOT NULL,
        vectors BLOB NOT NULL
    );
    """
        for table in ("samples", "rejections", "unknown_faces")
    )
    + "".join(
        f"""
    ALTER TABLE {table} ADD COLUMN size_px INTEGER;
    ALTER TABLE {table} ADD COLUMN sharpness REAL;
    ALTER TABLE {table} ADD COLUMN yaw REAL;
    ALTER TABLE {table} ADD COLUMN light REAL;
    """
        for table in ("samples", "unknown_faces")
    ),
)
"""Each takes the file from version N (its place here) to N + 1; ``user_version`` says where it is.

The triggers count every change of the gallery, whoever makes it. Nothing was ever written to the
first version's ``unknown_faces``. ``merged_people`` says whose a visit is that goes on under the
number of somebody who was merged meanwhile; no number is given twice. ``untold_visits`` were those
of MQTT, the only outlet there was. ``projections`` were of grey crops, which are computed anew once
they are aligned (``layout``; ``tried`` where that did not succeed).
"""

SCHEMA_VERSION = len(MIGRATIONS)
