"""What may change while the kiosk runs, and the bundle that it runs."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from edge_app.config import Settings
from edge_app.i18n import Language
from edge_app.web.pages import page
from edge_app.web.services import Services
from edge_app.web.visitor import ServicesDep, operator

router = APIRouter(dependencies=[Depends(operator)])


class LiveSettings(BaseModel):
    """Those that change at once. They last until the program ends; the file has the others."""

    model_config = ConfigDict(extra="forbid")

    emotions: bool
    """Whether emotions are read, shown and stored."""
    smoothing_s: Annotated[float, Field(ge=0.0, le=10.0)]
    """Seconds that a change of expression takes to show for the most part."""
    language: Language
    notice: bool
    """Whether the kiosk's screen says that people are being recognised."""


class BundleRecord(BaseModel):
    name: str
    version: str
    digest: str | None
    """null for the one that came with the package."""
    installed_at: str | None
    signer: str | None
    current: bool
    metrics: dict[str, float]
    """Measured when it was exported."""


_ROLL_BACK: dict[int | str, dict[str, str]] = {409: {"description": "There is no earlier one."}}


@router.get("/settings", include_in_schema=False)
def show_settings(request: Request, services: ServicesDep) -> Response:
    return page(
        request,
        "settings.html",
        settings=read_settings(services),
        running=_running(services),
        installed=[bundle for bundle in list_bundles(services) if bundle.digest],
    )


@router.get("/api/settings")
def read_settings(services: ServicesDep) -> LiveSettings:
    """Those in use."""
    settings = services.settings
    return LiveSettings(
        emotions=settings.emotions.enabled,
        smoothing_s=settings.emotions.smoothing_s,
        language=settings.screen.language,
        notice=settings.screen.notice,
    )


@router.put("/api/settings")
def change_settings(services: ServicesDep, wanted: LiveSettings) -> LiveSettings:
    """Put others to use at once."""
    tables = services.settings.model_dump()
    tables["emotions"] |= {"enabled": wanted.emotions, "smoothing_s": wanted.smoothing_s}
    tables["screen"] |= {"language": wanted.language, "notice": wanted.notice}
    services.controls.change(Settings.model_validate(tables))
    return read_settings(services)


@router.get("/api/bundles")
def list_bundles(services: ServicesDep) -> list[BundleRecord]:
    """The bundle that runs, and those installed, the latest put to use first."""
    installed = [
        BundleRecord(
            name=each.name,
            version=each.version,
            digest=each.digest,
            installed_at=each.installed_at,
            signer=each.signer,
            current=each.current,
            metrics={},
        )
        for each in services.store.installed()
    ]
    return [_running(services), *installed]


@router.post("/api/bundles/rollback", responses=_ROLL_BACK)
def roll_back(services: ServicesDep) -> BundleRecord:
    """Put the bundle before the current one to use, from the next start on."""
    each = services.store.rollback()
    return BundleRecord(
        name=each.name,
        version=each.version,
        digest=each.digest,
        installed_at=each.installed_at,
        signer=each.signer,
        current=each.current,
        metrics={},
    )


def _running(services: Services) -> BundleRecord:
    manifest = services.controls.bundle.manifest
    return BundleRecord(
        name=manifest.name,
        version=manifest.version,
        digest=None,
        installed_at=None,
        signer=None,
        current=True,
        metrics=manifest.metrics,
    )
