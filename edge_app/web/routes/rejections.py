"""Faces that were given somebody's name and are not theirs. All of it is the operator's."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from edge_app.storage.rejections import Rejection
from edge_app.web.routes.people import ERRORS, PICTURE, Id, numbered, person_or_404, picture
from edge_app.web.security.users import ServicesDep, operator
from edge_app.web.services import Services

router = APIRouter(dependencies=[Depends(operator)])


class RejectionRecord(BaseModel):
    id: int
    created_at: float


class WrongFace(BaseModel):
    model_config = ConfigDict(extra="forbid")
    track: Annotated[int, Field(ge=0, le=2**53)]
    """Number of the face in /api/live."""


@router.post("/api/people/{person_id}/rejections", status_code=204, responses=ERRORS)
def reject(services: ServicesDep, person_id: Id, face: WrongFace) -> None:
    """Note that a face in view, which was given this person's name, is somebody else's."""
    person = person_or_404(services, person_id)
    view = services.kiosk.views.newest
    for shown in view.result.faces if view is not None and view.is_live() else ():
        named = shown.identity is not None and shown.identity.name == person.name
        if view is not None and named and shown.track_id == face.track:
            services.pipelines.reject(person_id, view.result.frame, shown.detection)
            services.controls.people_changed()
            return
    raise HTTPException(
        409,
        f"expected face {face.track} to be named {person.name}, found it gone or named otherwise",
    )


@router.get("/api/people/{person_id}/rejections", responses=ERRORS)
def list_rejections(services: ServicesDep, person_id: Id) -> list[RejectionRecord]:
    """The faces that were given this person's name and are somebody else's, oldest first."""
    person_or_404(services, person_id)
    return [
        RejectionRecord(id=rejection.id, created_at=rejection.created_at)
        for rejection in services.gallery.rejections.faces(person_id)
    ]


@router.get(
    "/api/people/{person_id}/rejections/{rejection_id}/picture",
    response_class=Response,
    responses={**ERRORS, **PICTURE},
)
def show_rejection(services: ServicesDep, person_id: Id, rejection_id: Id) -> Response:
    """One of these faces as it was stored."""
    return picture(_rejection(services, person_id, rejection_id))


@router.delete(
    "/api/people/{person_id}/rejections/{rejection_id}", status_code=204, responses=ERRORS
)
def delete_rejection(services: ServicesDep, person_id: Id, rejection_id: Id) -> None:
    """Delete one of these faces, which may be given the name again."""
    services.gallery.rejections.delete(_rejection(services, person_id, rejection_id).id)
    services.controls.people_changed()


@router.delete("/api/people/{person_id}/rejections", status_code=204, responses=ERRORS)
def delete_rejections(services: ServicesDep, person_id: Id) -> None:
    """Delete all of these faces."""
    person_or_404(services, person_id)
    services.gallery.rejections.delete_of(person_id)
    services.controls.people_changed()


def _rejection(services: Services, person_id: int, rejection_id: int) -> Rejection:
    person_or_404(services, person_id)
    return numbered(services.gallery.rejections.faces(person_id), rejection_id, "correction")
