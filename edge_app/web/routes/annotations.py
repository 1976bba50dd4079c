"""Photos and videos to annotate: upload, progress, results."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from edge_app.core.errors import InputError
from edge_app.web.pages import page
from edge_app.web.routes.people import PHOTO_BODY
from edge_app.web.security.users import ServicesDep, operator
from edge_app.web.services import Services
from edge_app.web.uploads.queue import Annotation, Phase
from edge_app.web.uploads.receiving import (
    SILENT,
    Kind,
    check_photo,
    check_video,
    file_name,
    kind_of,
    receive,
)

router = APIRouter(dependencies=[Depends(operator)])

_ERRORS: dict[int | str, dict[str, str]] = {
    404: {"description": "No such upload; it may have been deleted."},
    409: {"description": "Not done yet, or failed."},
}


class AnnotationRecord(BaseModel):
    id: str
    name: str
    kind: Kind
    phase: Phase
    frames: int
    total: int
    """0 where nobody knows."""
    error: str


@router.get("/annotate", include_in_schema=False)
def show_annotate(request: Request) -> Response:
    return page(request, "annotate.html")


@router.post(
    "/api/annotations",
    status_code=202,
    responses={
        408: SILENT,
        422: {"description": "No photo or video that can be annotated."},
        429: {"description": "Too many uploads are waiting."},
    },
    openapi_extra=PHOTO_BODY,
)
async def upload(
    request: Request, services: ServicesDep, name: Annotated[str, Query(max_length=200)]
) -> AnnotationRecord:
    """Send a photo or a video of at most five minutes as the body; name: the file's."""
    shown = file_name(name)
    annotations = services.annotations
    if annotations.is_full:
        raise HTTPException(429, "too many uploads are waiting; try again in a minute")
    with annotations.receiving() as folder:
        try:
            path = await receive(request.stream(), folder)
            check = check_photo if kind_of(path) == "photo" else check_video
            await run_in_threadpool(check, path)
        except InputError as error:
            raise HTTPException(422, str(error)) from error
        return _record(annotations.add(path, shown))


@router.get("/api/annotations/{number}", responses=_ERRORS)
def progress(services: ServicesDep, number: str) -> AnnotationRecord:
    """How far it is."""
    return _record(_find(services, number))


@router.delete("/api/annotations/{number}", status_code=204, responses=_ERRORS)
def forget(services: ServicesDep, number: str) -> None:
    """Delete the upload and its results; they go by themselves after an hour."""
    services.annotations.forget(_find(services, number).id)


@router.get("/api/annotations/{number}/file", response_class=FileResponse, responses=_ERRORS)
def annotated(services: ServicesDep, number: str) -> FileResponse:
    """The annotated photo (JPEG) or video (MP4)."""
    task = _done(services, number)
    return FileResponse(task.output, filename=_offered(task, task.output.suffix))


@router.get(
    "/api/annotations/{number}/results.json", response_class=FileResponse, responses=_ERRORS
)
def results(services: ServicesDep, number: str) -> FileResponse:
    """What was found, an array with one object per frame (docs/results.md)."""
    return FileResponse(_done(services, number).results, media_type="application/json")


@router.get("/api/annotations/{number}/results.csv", response_class=FileResponse, responses=_ERRORS)
def table(services: ServicesDep, number: str) -> FileResponse:
    """What was found, a line per face."""
    task = _done(services, number)
    return FileResponse(task.table, media_type="text/csv", filename=_offered(task, ".csv"))


def _find(services: Services, number: str) -> Annotation:
    found = services.annotations.find(number)
    if found is None:
        raise HTTPException(404, "expected an upload, found none of this number; send it again")
    return found


def _done(services: Services, number: str) -> Annotation:
    task = _find(services, number)
    if task.phase == "failed":
        raise HTTPException(409, task.error)
    if task.phase != "done":
        raise HTTPException(409, "expected a result, found it unfinished; wait for it")
    return task


def _offered(task: Annotation, suffix: str) -> str:
    return f"{task.name.rpartition('.')[0] or task.name}.annotated{suffix}"


def _record(task: Annotation) -> AnnotationRecord:
    return AnnotationRecord(
        id=task.id,
        name=task.name,
        kind=task.kind,
        phase=task.phase,
        frames=task.frames,
        total=task.total,
        error=task.error,
    )
