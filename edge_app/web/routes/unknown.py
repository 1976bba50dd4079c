"""Strangers who were kept: who they are, said by the operator."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi import Path as FromPath
from pydantic import BaseModel
from starlette.responses import Response

from edge_app.core.errors import PeopleError
from edge_app.enrolment.variety import thin
from edge_app.storage.unknown import UnknownFace, UnknownPerson
from edge_app.web.doubtful import refuse_doubtful
from edge_app.web.routes.people import (
    PICTURE,
    Anyway,
    Id,
    NewName,
    PersonRecord,
    likenesses,
    person_record,
    picture,
)
from edge_app.web.security.users import ServicesDep, operator
from edge_app.web.services import Services

router = APIRouter(prefix="/api/unknown", dependencies=[Depends(operator)])

_ERRORS: dict[int | str, dict[str, str]] = {
    404: {"description": "No stranger of this number; they may have been named or deleted."},
    409: {"description": "That cannot be a name, or identities are off."},
}
FaceId = Annotated[int, FromPath(ge=1, le=2**53)]


class UnknownRecord(BaseModel):
    id: int
    sightings: int
    """How many times they came."""
    first_seen: float
    """Seconds since 1970, UTC."""
    last_seen: float
    faces: list[int]
    """Numbers of their pictures, the best first."""
    looks_like: str | None
    """Who is enrolled and looks like them, without being named by the kiosk."""


@router.get("")
def list_unknown(services: ServicesDep) -> list[UnknownRecord]:
    """Everybody without a name who was kept, who was seen last first."""
    faces = services.unknown.faces()
    alike = likenesses(services)
    return [_record(person, faces, alike.get(person.id)) for person in services.unknown.people()]


@router.get(
    "/{unknown_id}/faces/{face_id}/picture",
    response_class=Response,
    responses={**_ERRORS, **PICTURE},
)
def show_face(services: ServicesDep, unknown_id: Id, face_id: FaceId) -> Response:
    """One picture of a stranger as it was kept."""
    _unknown(services, unknown_id)
    for face in services.unknown.faces(unknown_id):
        if face.id == face_id:
            return picture(face)
    raise HTTPException(404, f"expected a picture of them, found none of number {face_id}")


@router.post("/{unknown_id}/name", responses=_ERRORS)
def name(
    services: ServicesDep, unknown_id: Id, new: NewName, anyway: Anyway = False
) -> PersonRecord:
    """Say who it is: somebody new, or somebody enrolled, who is given the pictures."""
    services.settings.identity.require()
    _unknown(services, unknown_id)
    if not anyway:
        faces = services.unknown.faces(unknown_id)
        crops = [face.crop for face in faces if face.layout == "aligned"]
        refuse_doubtful(services, crops, _number_of(services, new.name))
    person = services.unknown.name(unknown_id, new.name)
    thin(services.gallery, person.id, services.settings.enrolment.most_samples)
    person = services.gallery.person(person.id)
    services.controls.people_changed()
    return person_record(person)


@router.delete("/{unknown_id}", status_code=204, responses=_ERRORS)
def discard(services: ServicesDep, unknown_id: Id) -> None:
    """Delete a stranger with every picture."""
    _unknown(services, unknown_id)
    services.unknown.discard(unknown_id)


def _number_of(services: Services, name: str) -> int | None:
    """Of who has a name already."""
    try:
        return services.gallery.find(name).id
    except PeopleError:
        return None


def _record(
    person: UnknownPerson, faces: list[UnknownFace], looks_like: str | None
) -> UnknownRecord:
    return UnknownRecord(
        id=person.id,
        sightings=person.sightings,
        first_seen=person.first_seen,
        last_seen=person.last_seen,
        faces=[face.id for face in faces if face.unknown_id == person.id],
        looks_like=looks_like,
    )


def _unknown(services: Services, unknown_id: int) -> UnknownPerson:
    """Raises HTTPException 404 for nobody."""
    try:
        return services.unknown.person(unknown_id)
    except PeopleError as error:
        raise HTTPException(404, str(error)) from error
