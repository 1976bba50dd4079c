"""For load balancers, monitoring and scripts."""

from collections.abc import Iterable

from fastapi import APIRouter, Depends, HTTPException
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from pydantic import BaseModel
from starlette.responses import Response

from edge_app import __version__
from edge_app.web.security.users import ServicesDep, viewer
from edge_app.web.services import Services

router = APIRouter()


class Health(BaseModel):
    status: str
    version: str


@router.get("/healthz")
def healthz() -> Health:
    """That the server answers. Needs no login and says nothing about anybody."""
    return Health(status="ok", version=__version__)


@router.get("/readyz", responses={503: {"description": "No live picture."}})
def readyz(services: ServicesDep) -> Health:
    """That live frames are being processed. Needs no login."""
    phase = services.kiosk.status.source.phase
    if phase != "live":
        raise HTTPException(503, f"expected a live picture, found the source {phase}")
    return Health(status="live", version=__version__)


@router.get(
    "/metrics",
    dependencies=[Depends(viewer)],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
def metrics(services: ServicesDep) -> Response:
    """Figures for Prometheus; none of them names anybody."""
    registry = CollectorRegistry()
    registry.register(_Figures(services))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Figures:
    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterable[Metric]:
        status = self._services.kiosk.status
        gauges = {
            "frames_per_second": ("Live frames per second", status.rate),
            "latency_seconds": ("From capture to processed", status.latency_ms / 1e3),
            "faces_in_view": ("Faces in the last frame", status.faces),
            "source_live": ("1 while frames arrive", float(status.source.phase == "live")),
            "viewers": ("Viewers of the live picture", self._services.viewers.watching),
            "people_enrolled": ("People in the gallery", len(self._services.gallery.people())),
        }
        for name, (text, value) in gauges.items():
            yield GaugeMetricFamily(f"reconocias_{name}", text, value)
        yield CounterMetricFamily(
            "reconocias_frames", "Live frames processed", status.healthy_frames
        )
        yield CounterMetricFamily(
            "reconocias_source_failures", "Times the source was lost", status.source.failures
        )
