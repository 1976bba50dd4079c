"""``reconocias serve``: the kiosk's page on a workstation, or wherever one wants it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from edge_app.core.errors import ConfigError, RuntimeMissingError
from edge_app.core.i18n import Language
from edge_app.kiosk.settings import Settings
from edge_app.updates.store import BundleStore, default_store_folder

if TYPE_CHECKING:
    from edge_app.kiosk.controls import Controls

_log = logging.getLogger(__name__)


def with_page(
    settings: Settings,
    web: Mapping[str, Any],
    *,
    state: Path | None = None,
    language: Language | None = None,
) -> Settings:
    """The settings with the page on. web: values for its table; None leaves one as it is.

    Raises ConfigError for a value that is not allowed.
    """
    given = {key: value for key, value in web.items() if value is not None}
    tables = settings.model_dump()
    tables["web"] |= given | {"enabled": True}
    if state is not None:
        tables["state"]["directory"] = state
    if language is not None:
        tables["screen"]["language"] = language
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{first['loc'][-1]} = {first['input']!r}: {first['msg']}") from error


@contextmanager
def page_beside(controls: "Controls") -> Iterator[None]:
    """Serve the page of a kiosk for as long as the ``with`` lasts; nothing where it is off.

    Raises RuntimeMissingError without the extra, AccessError for an open page on the network, and
    OutputError for an address that cannot be listened on and a certificate that cannot be made.
    """
    settings = controls.settings
    if not settings.web.enabled:
        yield
        return
    try:
        from edge_app.web.app import create_app
        from edge_app.web.security.access import AccessFile
        from edge_app.web.server import Listening, WebServer, check_exposure
        from edge_app.web.services import open_services
    except ImportError as error:
        raise RuntimeMissingError(
            f"the page needs {error.name}, which is not installed; "
            "pip install 'reconocias[web]', or set enabled = false below [web]"
        ) from error
    folder = controls.folder
    listening = Listening(settings.web.host, settings.web.port)
    check_exposure(listening, AccessFile(folder).read())
    certificate = None
    if settings.web.tls:
        from edge_app.web.security.tls import own_certificate

        certificate = own_certificate(folder)
    store = BundleStore(default_store_folder())
    with (
        open_services(controls, store) as services,
        WebServer(create_app(services), listening, certificate) as server,
    ):
        print(f"the page is at {server.address}", flush=True)
        if certificate is not None:
            print(_HOW_TO_TRUST.format(certificate=certificate, address=server.address), flush=True)
        yield


_HOW_TO_TRUST = """\
The browser will warn that it does not know this certificate, again whenever the address changes.
Compare the SHA-256 fingerprint
  {certificate.fingerprint}
and go on. For no more warnings install {address}/ca.crt on the phone (docs/web.md); that one's is
  {certificate.authority_fingerprint}"""
