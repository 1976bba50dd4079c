"""What every test has, and which tests run side by side: see ``SIDE_BY_SIDE`` in the Makefile."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.bundles import Signer, make_signer, signed_copy

if "PYTEST_XDIST_WORKER" in os.environ:  # a core for each: with more threads they would fight
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(name, "1")

_MACHINES = {
    f"system/test_{name}"
    for name in (
        "bookworm", "cut_pushes", "display", "faulty_pushes",
        "fleet", "provision", "push", "service",
    )
}  # fmt: skip
_LONGEST = ("system", "training", "browser")
"""Folders whose files take longest: begun last, one would keep the other processes waiting."""


class _Together(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests go to one process, for its fixtures; those that boot machines all to one."""

    def _split_scope(self, nodeid: str) -> str:
        file = _file(nodeid)
        if file in _MACHINES:
            return "machines"
        return "export" if file.startswith("export/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return _Together(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first."""
    for item in items:
        if "bed" in getattr(item, "fixturenames", ()):
            assert _file(item.nodeid) in _MACHINES, "boots machines: name it in tests/conftest.py"
            item.add_marker(pytest.mark.slow("boots machines"))
    items.sort(key=lambda item: _rank(_file(item.nodeid)))


def _rank(file: str) -> int:
    return 0 if file in _MACHINES else 1 if file.startswith(_LONGEST) else 2


def _file(nodeid: str) -> str:
    return nodeid.split("::")[0].removeprefix("tests/").removesuffix(".py")


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
