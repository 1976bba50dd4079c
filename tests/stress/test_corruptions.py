import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from edge_app.core.errors import ReconociasError
from edge_app.updates.verify import verify
from tests.bundles import Signer, make_signer, signed_copy
from tests.stress import FULL
from tests.stress.corruptions import CORRUPTIONS, Bench, Corruption

_ROUNDS = 67 if FULL else 5
"""Of each of 15 corruptions: 1,005 in full."""


@pytest.fixture(scope="module")
def other(tiny_bundle: Path, signer: Signer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another version, every file of it right and signed."""
    return signed_copy(
        tiny_bundle, tmp_path_factory.mktemp("other") / "bundle", signer.key, version="1.0.1"
    )


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return make_signer(tmp_path_factory.mktemp("stranger"), "stranger@example.org")


def linked_copy(source: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    for path in source.iterdir():
        os.link(path, target / path.name)
    return target


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda corruption: corruption.__name__)
def test_no_corruption_is_accepted(
    corruption: Corruption,
    tiny_bundle: Path,
    other: Path,
    signer: Signer,
    stranger: Signer,
    tmp_path: Path,
) -> None:
    verify(linked_copy(tiny_bundle, tmp_path / "whole"), signer.allowed)
    accepted: Counter[str] = Counter()
    for seed in range(_ROUNDS):
        home = tmp_path / str(seed)
        bundle = linked_copy(tiny_bundle, home / "bundle")
        (home / "outside").mkdir()
        bench = Bench(bundle, other, signer.key, stranger.key, home / "outside")
        corruption(bench, random.Random(f"{corruption.__name__} {seed}"))
        try:
            verify(bundle, signer.allowed)
            accepted[f"seed {seed}"] += 1
        except ReconociasError as error:
            assert "\n" not in str(error)
        shutil.rmtree(home)

    assert not accepted
