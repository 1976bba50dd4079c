"""What may change while the kiosk runs, and the bundle that it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from edge_app.bundle.loader import digest
from edge_app.core.i18n import Language
from edge_app.kiosk.settings import Settings
from edge_app.updates.store import Installed
from edge_app.vision.parts import identifier_spec, parts_in_use
from edge_app.web.pages import page
from edge_app.web.security.users import ServicesDep, operator
from edge_app.web.services import Services

router = APIRouter(dependencies=[Depends(operator)])


class LiveSettings(BaseModel):
    """Those that change at once. They last until the program ends; the file has the others."""

    model_config = ConfigDict(extra="forbid")

    emotions: bool
    """Whether emotions are read, shown and stored."""
    unclear: bool
    """Whether a face may show no clear emotion; false: the likeliest is always named."""
    smoothing_s: Annotated[float, Field(ge=0.0, le=10.0)]
    """Seconds that a change of expression takes to show for the most part."""
    false_accept_rate: Annotated[float, Field(gt=0.0, lt=1.0)] | None
    """Share of strangers that may be given a name; null: the bundle's."""
    search_every_s: Annotated[float, Field(gt=0.0, le=10.0)]
    """Seconds between searches of the whole picture, at least."""
    keep_s: Annotated[float, Field(gt=0.0, le=10.0)]
    """Seconds that a face keeps its number while it is not found."""
    language: Language
    notice: bool
    """Whether the kiosk's screen says that people are being recognised."""


class PartRecord(BaseModel):
    """What does the work of a role."""

    role: Literal["detector", "identifier", "emotion"]
    title: str
    """Of the detector or identifier, or the bundle's name."""
    file: str


class BundleRecord(BaseModel):
    name: str
    version: str
    digest: str
    """The SHA-256 of its manifest."""
    installed_at: str | None
    """ISO 8601; null for one that was not installed, such as the package's own."""
    signer: str | None
    running: bool
    metrics: dict[str, float]
    """Of the one that runs, as measured when it was exported."""
    parts: list[PartRecord] = []
    """Of the one that runs: what finds faces, recognises people and reads emotions."""


_ROLL_BACK: dict[int | str, dict[str, str]] = {
    409: {
        "description": "There is no earlier one, or the kiosk does not thrive with it; the one in "
        "use stays."
    }
}


@router.get("/settings", include_in_schema=False)
def show_settings(request: Request, services: ServicesDep) -> Response:
    return page(
        request,
        "settings.html",
        settings=read_settings(services),
        running=_running(services),
        installed=[each for each in list_bundles(services) if each.installed_at],
        figures=figures_of(services.controls.bundle.manifest.metrics),
        has_earlier=_has_earlier(services),
        usual_rate=_usual_rate(services),
    )


def _usual_rate(services: Services) -> float:
    """Of false accepts, of the way to recognise people that is in use."""
    recognition = services.settings.recognition
    return identifier_spec(services.controls.bundle, recognition).false_accept_rate


@router.get("/api/settings")
def read_settings(services: ServicesDep) -> LiveSettings:
    """Those in use."""
    settings = services.settings
    return LiveSettings(
        emotions=settings.emotions.enabled,
        unclear=settings.emotions.unclear,
        smoothing_s=settings.emotions.smoothing_s,
        false_accept_rate=settings.identity.false_accept_rate,
        search_every_s=settings.detection.every_s,
        keep_s=settings.detection.keep_s,
        language=settings.screen.language,
        notice=settings.screen.notice,
    )


@router.put("/api/settings")
def change_settings(services: ServicesDep, wanted: LiveSettings) -> LiveSettings:
    """Put others to use at once."""
    tables = services.settings.model_dump()
    tables["emotions"] |= {
        "enabled": wanted.emotions,
        "unclear": wanted.unclear,
        "smoothing_s": wanted.smoothing_s,
    }
    tables["identity"] |= {"false_accept_rate": wanted.false_accept_rate}
    tables["detection"] |= {"every_s": wanted.search_every_s, "keep_s": wanted.keep_s}
    tables["screen"] |= {"language": wanted.language, "notice": wanted.notice}
    services.controls.change(Settings.model_validate(tables))
    return read_settings(services)


@router.get("/api/bundles")
def list_bundles(services: ServicesDep) -> list[BundleRecord]:
    """The bundle that runs and those installed, the latest put to use first."""
    running = digest(services.controls.bundle)
    found = [_record(services, each) for each in services.store.installed()]
    if any(each.digest == running for each in found):
        return found
    return [_running(services), *found]


@router.post("/api/bundles/rollback", responses=_ROLL_BACK)
def roll_back(services: ServicesDep) -> BundleRecord:
    """Go back to the bundle before the current one, at once: the picture goes on with it.

    Answers once so many frames were healthy with it.
    """
    return _record(services, services.controls.roll_back(services.store))


@dataclass(frozen=True)
class Figures:
    """The metrics of a bundle as a table: a row per file, None where a file lacks a measure."""

    measures: list[str]
    rows: list[tuple[str, list[float | None]]]


def figures_of(metrics: Mapping[str, float]) -> Figures:
    """metrics: FILE/SPLIT/MEASURE to value, as the export writes them."""
    parted = {tuple(key.partition("/")[::2]): value for key, value in metrics.items()}
    files = list(dict.fromkeys(file for file, _ in parted))
    measures = list(dict.fromkeys(measure for _, measure in parted))
    rows = [(file, [parted.get((file, measure)) for measure in measures]) for file in files]
    return Figures(measures, rows)


def _has_earlier(services: Services) -> bool:
    """Whether a bundle was in use before the current one."""
    installed = services.store.installed()
    return any(each.current for each in installed[:-1])


def _record(services: Services, each: Installed) -> BundleRecord:
    running = _running(services)
    return BundleRecord(
        name=each.name,
        version=each.version,
        digest=each.digest,
        installed_at=each.installed_at,
        signer=each.signer,
        running=each.digest == running.digest,
        metrics=running.metrics if each.digest == running.digest else {},
        parts=running.parts if each.digest == running.digest else [],
    )


def _running(services: Services) -> BundleRecord:
    manifest = services.controls.bundle.manifest
    return BundleRecord(
        name=manifest.name,
        version=manifest.version,
        digest=digest(services.controls.bundle),
        installed_at=None,
        signer=None,
        running=True,
        metrics=manifest.metrics,
        parts=[
            PartRecord(role=part.role, title=part.title, file=part.file)
            for part in parts_in_use(services.controls.bundle, services.settings.recognition)
        ],
    )
