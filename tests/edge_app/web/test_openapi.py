"""Whatever the description allows, and what it does not, is answered without a 5xx."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok

from edge_app.bundle.loader import Bundle
from edge_app.updates.store import BundleStore
from edge_app.web.app import create_app
from edge_app.web.services import open_services
from tests.edge_app.web.conftest import ANA, StillControls

_FEW = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def described(
    bundle: Bundle, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[schemathesis.BaseSchema]:
    folder: Path = tmp_path_factory.mktemp("state")
    controls = StillControls(bundle, folder)
    with open_services(controls, BundleStore(folder / "store")) as services:
        services.access.set_password("operator", "all of the buttons")
        token = services.access.add_token("schemathesis", "operator")
        controls.kiosk.show(ANA)
        schema = schemathesis.openapi.from_asgi(
            "/openapi.json", create_app(services), headers={"Authorization": f"Bearer {token}"}
        )
        schema.config.headers = {"Authorization": f"Bearer {token}"}
        yield schema.exclude(path="/stream.mjpg")


def test_nothing_breaks_the_server(described: schemathesis.BaseSchema) -> None:
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) > 25
    for operation in operations:

        @_FEW
        @given(case=operation.as_strategy())
        def check(case: "Case[Any]") -> None:
            case.call_and_validate(checks=[not_a_server_error])

        check()
