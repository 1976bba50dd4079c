"""The test bed's machines: built and provisioned once in a session, by the first test that asks."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from edge_app.bundle.loader import default_bundle_folder
from tests.bundles import Signer, signed_copy
from tests.system.testbed.fleet import Bundles
from tests.system.testbed.machine import Bed, Machine, cached_archive
from tests.system.testbed.provisioned import Provisioned, build_wheel, provision
from tests.tools import missing, require_tool

_PACKAGES = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nc": "netcat-openbsd",
    "rsync": "rsync",
    "ssh": "openssh-client",
    "zstd": "zstd",
}


_numbers = count(1)


@pytest.fixture(scope="session")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Bed:
    """Where machines are booted. Needs root, and room for a small Debian."""
    for tool, package in _PACKAGES.items():
        require_tool(tool, package)
    if os.geteuid() != 0:
        missing("root, who boots machines")
    return Bed(tmp_path_factory.mktemp("bed"), cached_archive())


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it is released."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def first_bundle(tmp_path_factory: pytest.TempPathFactory, signer: Signer) -> Path:
    """The default bundle, signed by the key that the machines trust."""
    target = tmp_path_factory.mktemp("first") / "bundle"
    return signed_copy(default_bundle_folder(), target, signer.key)


@pytest.fixture(scope="session")
def provisioned(bed: Bed, wheel: Path, signer: Signer, first_bundle: Path) -> Provisioned:
    """A machine that was provisioned, and is shut down again."""
    with bed.machine("template") as machine:
        return provision(machine, wheel, signer.allowed, first_bundle)


@pytest.fixture(scope="session")
def kiosk(bed: Bed, provisioned: Provisioned) -> Iterator[Machine]:
    """A running kiosk. Tests leave it healthy."""
    with bed.machine("kiosk1", like=provisioned.machine) as machine:
        yield machine


@pytest.fixture(scope="module")
def fleet(bed: Bed, provisioned: Provisioned, kiosk: Machine) -> Iterator[list[Machine]]:
    """Three running kiosks."""
    with ExitStack() as stack:
        others = [bed.machine(name, like=provisioned.machine) for name in ("kiosk2", "kiosk3")]
        yield [kiosk, *(stack.enter_context(other) for other in others)]


@pytest.fixture(scope="module")
def bundles(
    tmp_path_factory: pytest.TempPathFactory, first_bundle: Path, signer: Signer
) -> Bundles:
    """Good and bad ones."""
    return Bundles(tmp_path_factory.mktemp("variants"), first_bundle, signer)


@pytest.fixture
def bed_copy(bed: Bed, provisioned: Provisioned) -> Iterator[Machine]:
    """A kiosk of one's own, to be broken."""
    with bed.machine(f"copy{next(_numbers)}", like=provisioned.machine) as machine:
        yield machine
