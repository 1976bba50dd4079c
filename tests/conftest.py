"""What every test has, and which tests run side by side: see ``SIDE_BY_SIDE`` in the Makefile."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bundles import Signer, make_signer, signed_copy

if "PYTEST_XDIST_WORKER" in os.environ:  # a core for each: with more threads they would fight
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(name, "1")

_LONGEST = ("system", "training", "browser")
"""Folders whose files take longest: begun last, one would keep the other processes waiting."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests stay in one process, for its fixtures; and all that boot machines in one."""
    for item in items:
        if _boots(item):
            item.add_marker(pytest.mark.slow("boots machines"))
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: (not _boots(item), not _file(item).startswith(_LONGEST)))


def _boots(item: pytest.Item) -> bool:
    return "bed" in getattr(item, "fixturenames", ())


def _group(item: pytest.Item) -> str:
    """What one process runs: machines and the bundle in every format take long to make."""
    if _boots(item):
        return "machines"
    return "export" if _file(item).startswith("export/") else _file(item)


def _file(item: pytest.Item) -> str:
    return item.nodeid.split("::")[0].removeprefix("tests/").removesuffix(".py")


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or changes the bundles and people of whoever runs it; processes inherit it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STATE_DIRECTORY", raising=False)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return make_signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory, signer: Signer) -> Path:
    """A signed bundle, small and whole. Copy it before changing it."""
    from tests.tiny import write_bundle  # TensorFlow, which most tests do without

    folder = tmp_path_factory.mktemp("bundles")
    write_bundle(folder / "unsigned")
    return signed_copy(folder / "unsigned", folder / "tiny", signer.key)
