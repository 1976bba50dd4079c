import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import keras
import pytest

from edge_app.bundle.loader import file_sha256
from export import published
from export.package import open_run, package
from tests.bundles import Signer
from tests.tiny import tiny_network, write_eigenfaces, write_published
from tests.training.faces import write_fer2013
from training.config import TrainConfig
from training.datasets.label_sets import LABEL_SETS, LabelledFaces


@pytest.fixture(scope="session")
def network() -> keras.Model:
    return tiny_network()


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> LabelledFaces:
    folder = tmp_path_factory.mktemp("data")
    write_fer2013(folder / "fer2013.csv", per_label=4)
    return LABEL_SETS["fer7"].load(folder)


@pytest.fixture(scope="session")
def run(network: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What training leaves, without the training."""
    folder = tmp_path_factory.mktemp("run")
    network.save(folder / "model.keras")
    (folder / "config.json").write_text(json.dumps(asdict(TrainConfig())))
    report = {"finished": "2026-01-02", "git_commit": "abc", "keras": "3", "backend": "torch",
              "best_epoch": 3, "epochs": 5, "temperature": 1.1}  # fmt: skip
    (folder / "trained.json").write_text(json.dumps(report))
    write_eigenfaces(folder / "eigenfaces.xml")
    return folder


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where fetched networks are: the tiny ones, as if they were those that are published."""
    home = tmp_path_factory.mktemp("cache")
    folder = home / "reconocias"
    folder.mkdir()
    tiny = write_published(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(home))
        for name, path in zip(("YUNET", "SFACE"), tiny, strict=True):
            network = getattr(published, name)
            path.rename(folder / network.file)
            digest = file_sha256(folder / network.file)
            patch.setattr(published, name, replace(network, sha256=digest))
        yield folder


@pytest.fixture(scope="session")
def bundle(
    run: Path,
    faces: LabelledFaces,
    signer: Signer,
    cache: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The signed bundle of the run, in every format."""
    output = tmp_path_factory.mktemp("models") / "tiny"
    package(open_run(run), faces, name="tiny", version="1.2.3", output=output, key=signer.key)
    return output
