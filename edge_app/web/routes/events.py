"""Who was seen with which emotion: page, API, CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from edge_app.core.errors import PeopleError
from edge_app.core.labels import UNCLEAR
from edge_app.storage.events import StoredVisit
from edge_app.storage.export import VISIT_COLUMNS, csv_lines, visit_row
from edge_app.storage.people import MAX_NAME_LENGTH
from edge_app.web.pages import page
from edge_app.web.security.users import ServicesDep, viewer
from edge_app.web.services import Services

router = APIRouter(dependencies=[Depends(viewer)])

MAX_ROWS = 5000


class VisitRecord(BaseModel):
    visit: int
    name: str | None
    """null for a stranger."""
    emotion: str | None
    started_at: float
    """Seconds since 1970, UTC."""
    ended_at: float


class HourRecord(BaseModel):
    hour: datetime
    """Its start, in the kiosk's local time."""
    emotion: str | None
    visits: int
    seconds: float


_Moment = Annotated[float, Query(ge=0.0, le=1e11, description="Seconds since 1970, UTC.")]


@dataclass(frozen=True)
class Filters:
    """What to leave in."""

    start: _Moment = 0.0
    end: _Moment = 1e11
    person: Annotated[str | None, Query(max_length=MAX_NAME_LENGTH)] = None
    emotion: Annotated[str | None, Query(max_length=50)] = None

    def visits(self, services: Services) -> Iterator[StoredVisit]:
        try:
            person_id = None if self.person is None else services.gallery.find(self.person).id
        except PeopleError:  # renamed or deleted since the page offered the name
            return iter(())
        found = services.events.visits(start=self.start, end=self.end, person_id=person_id)
        return (visit for visit in found if self.emotion in (None, visit.emotion))


FiltersDep = Annotated[Filters, Depends()]


@router.get("/events", include_in_schema=False)
def show_events(request: Request, services: ServicesDep) -> Response:
    names = services.events.names()  # a viewer is not told who else is enrolled
    emotion = services.controls.bundle.manifest.emotion
    labels = (*emotion.labels, UNCLEAR) if emotion.clear else emotion.labels
    return page(request, "events.html", names=names, labels=labels, most_rows=MAX_ROWS)


@router.get("/api/events")
def list_events(services: ServicesDep, filters: FiltersDep) -> list[VisitRecord]:
    """One row per visit and emotion, oldest first; at most 5,000, so ask for a span of time."""
    return [
        VisitRecord(
            visit=visit.visit,
            name=visit.name,
            emotion=visit.emotion,
            started_at=visit.started_at,
            ended_at=visit.ended_at,
        )
        for visit in islice(filters.visits(services), MAX_ROWS)
    ]


@router.get("/api/events/hours")
def count_hours(
    services: ServicesDep, start: _Moment = 0.0, end: _Moment = 1e11
) -> list[HourRecord]:
    """Visits and seconds of each emotion by the hour."""
    return [
        HourRecord(
            hour=count.hour, emotion=count.emotion, visits=count.visits, seconds=count.seconds
        )
        for count in services.events.hours(start=start, end=end)
    ]


@router.get(
    "/api/events.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}},
)
def download(services: ServicesDep, filters: FiltersDep) -> StreamingResponse:
    """The same rows, all of them, for a spreadsheet: what `reconocias events export` writes."""
    return StreamingResponse(
        csv_lines(VISIT_COLUMNS, map(visit_row, filters.visits(services))),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="events.csv"'},
    )
