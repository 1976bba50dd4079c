from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bundles import Signer, make_signer, signed_copy


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
