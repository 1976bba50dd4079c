"""Who is enrolled: pages and API. All of it is the operator's."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi import Path as FromPath
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from edge_app.core.errors import InputError, PeopleError, ReconociasError
from edge_app.enrolment.health import Finding
from edge_app.enrolment.selection import Refusal
from edge_app.enrolment.variety import thin
from edge_app.media.photo import read_photo
from edge_app.storage.crops import StoredFace
from edge_app.storage.gallery import NewSample, Sample
from edge_app.storage.people import MAX_NAME_LENGTH, Person
from edge_app.web.doubtful import refuse_doubtful
from edge_app.web.pages import page
from edge_app.web.security.users import ServicesDep, operator
from edge_app.web.services import Services
from edge_app.web.uploads.receiving import SILENT, check_photo, kind_of, receive, without_path

router = APIRouter(dependencies=[Depends(operator)])

Id = Annotated[int, FromPath(ge=1, le=2**53)]
Anyway = Annotated[
    bool, Query(description="Also a face that looks like somebody else's, or not like its own.")
]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH)]

PHOTO_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_Stored = TypeVar("_Stored", bound=StoredFace)
ERRORS: dict[int | str, dict[str, str]] = {
    404: {"description": "Nobody, or nothing of theirs, of this number."},
    409: {
        "description": "The name is taken or cannot be one, identities are off, or the face is "
        "doubtful: like that of the person in looks_like, or not like that of the one in unlike."
    },
    422: {"description": "The photo will not do; detail says why."},
}
_PHOTO_ERRORS = {**ERRORS, 408: SILENT}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/webp": {}, "image/png": {}}}}
"""What ``picture`` answers with."""


class PersonRecord(BaseModel):
    id: int
    name: str
    samples: int
    rejections: int
    """Faces that were given the name and are somebody else's."""
    created_at: float
    """Seconds since 1970, UTC."""


class SampleRecord(BaseModel):
    id: int
    quality: float
    origin: str
    created_at: float


class NewName(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Name


class MergeFrom(BaseModel):
    model_config = ConfigDict(extra="forbid")
    from_id: Annotated[int, Field(ge=1, le=2**53)]


class Deleted(BaseModel):
    name: str
    samples: int


@router.get("/people", include_in_schema=False)
def show_people(request: Request, services: ServicesDep) -> Response:
    findings = _findings(services)
    faces = {sample.person_id: sample.id for sample in reversed(services.gallery.samples())}
    return page(
        request,
        "people.html",
        people=services.gallery.people(),
        faces=faces,
        findings=findings,
        remarked={
            person.id
            for finding in findings
            if finding.kind != "nearly_same"
            for person in finding.people
        },
        likenesses=likenesses(services),
        unknown=services.unknown.people(),
        unknown_faces=services.unknown.faces(),
        keeps_unknown=services.settings.unknown.enabled,
        enrols=services.settings.identity.enabled,
    )


@router.get("/people/{person_id}", include_in_schema=False)
def show_person(request: Request, services: ServicesDep, person_id: Id) -> Response:
    person = person_or_404(services, person_id)
    others = [other for other in services.gallery.people() if other.id != person_id]
    findings = [one for one in _findings(services) if person in one.people]
    doubtful = {
        number: one
        for one in findings
        if one.kind in ("two_people", "like_other", "not_aligned")
        for number in one.samples
    }
    return page(
        request,
        "person.html",
        person=person,
        others=others,
        findings=findings,
        doubtful=doubtful,
        samples=services.gallery.samples(person_id),
        rejections=services.gallery.rejections.faces(person_id),
        keep_days=services.settings.unknown.keep_days,
        enrols=services.settings.identity.enabled,
    )


@router.get("/api/people")
def list_people(services: ServicesDep) -> list[PersonRecord]:
    """Everybody, by name."""
    return [person_record(person) for person in services.gallery.people()]


@router.post("/api/people", status_code=201, responses=_PHOTO_ERRORS, openapi_extra=PHOTO_BODY)
async def enrol(
    request: Request, services: ServicesDep, name: str, anyway: Anyway = False
) -> PersonRecord:
    """Enrol somebody new from one photo, which is the body; a 422 says why it will not do."""
    services.settings.identity.require()
    sample = await _sample(request, services)
    if not anyway:
        await run_in_threadpool(refuse_doubtful, services, [sample.crop])
    person = await run_in_threadpool(services.gallery.enrol, name, [sample])
    services.controls.people_changed()
    return person_record(person)


@router.post(
    "/api/people/{person_id}/photos",
    status_code=201,
    responses=_PHOTO_ERRORS,
    openapi_extra=PHOTO_BODY,
)
async def add_photo(
    request: Request, services: ServicesDep, person_id: Id, anyway: Anyway = False
) -> PersonRecord:
    """Add one photo, which is the body, to somebody."""
    services.settings.identity.require()
    await run_in_threadpool(person_or_404, services, person_id)
    sample = await _sample(request, services, person_id)
    if not anyway:
        await run_in_threadpool(refuse_doubtful, services, [sample.crop], person_id)
    person = await run_in_threadpool(_add, services, person_id, sample)
    services.controls.people_changed()
    return person_record(person)


@router.patch("/api/people/{person_id}", responses=ERRORS)
def rename(services: ServicesDep, person_id: Id, new: NewName) -> PersonRecord:
    """Give somebody another name."""
    person_or_404(services, person_id)
    person = services.gallery.rename(person_id, new.name)
    services.controls.people_changed()
    return person_record(person)


@router.post("/api/people/{person_id}/merge", responses=ERRORS)
def merge(services: ServicesDep, person_id: Id, other: MergeFrom) -> PersonRecord:
    """Give somebody all that another one has, and delete the other."""
    person_or_404(services, person_id)
    person_or_404(services, other.from_id)
    services.gallery.merge(person_id, other.from_id)
    person = _thinned(services, person_id)
    services.controls.people_changed()
    return person_record(person)


@router.delete("/api/people/{person_id}", responses=ERRORS)
def delete(services: ServicesDep, person_id: Id) -> Deleted:
    """Delete somebody with every sample and event; nothing of them stays in the database's file."""
    person_or_404(services, person_id)
    person = services.gallery.delete(person_id)
    services.controls.people_changed()
    return Deleted(name=person.name, samples=person.sample_count)


@router.get("/api/people/{person_id}/samples", responses=ERRORS)
def list_samples(services: ServicesDep, person_id: Id) -> list[SampleRecord]:
    """The face samples of somebody, oldest first."""
    person_or_404(services, person_id)
    return [_sample_record(sample) for sample in services.gallery.samples(person_id)]


@router.get(
    "/api/people/{person_id}/samples/{sample_id}/picture",
    response_class=Response,
    responses={**ERRORS, **PICTURE},
)
def show_sample(services: ServicesDep, person_id: Id, sample_id: Id) -> Response:
    """One face sample as it was stored."""
    return picture(_sample_of(services, person_id, sample_id))


@router.delete("/api/people/{person_id}/samples/{sample_id}", status_code=204, responses=ERRORS)
def delete_sample(services: ServicesDep, person_id: Id, sample_id: Id) -> None:
    """Delete one face sample."""
    services.gallery.delete_sample(_sample_of(services, person_id, sample_id).id)
    services.controls.people_changed()


def person_or_404(services: Services, person_id: int) -> Person:
    """Raises HTTPException 404 for nobody."""
    try:
        return services.gallery.person(person_id)
    except PeopleError as error:
        raise HTTPException(404, str(error)) from error


def _add(services: Services, person_id: int, sample: NewSample) -> Person:
    services.gallery.add_samples(person_id, [sample])
    return _thinned(services, person_id)


def _thinned(services: Services, person_id: int) -> Person:
    thin(services.gallery, person_id, services.settings.enrolment.most_samples)
    return services.gallery.person(person_id)


def likenesses(services: Services) -> dict[int, str]:
    """Whom strangers look like, by their numbers; none where no network for it runs here."""
    try:
        return services.pipelines.likenesses(services.unknown)
    except ReconociasError:
        return {}


def _findings(services: Services) -> list[Finding]:
    """Of the gallery's health; none where no network for it runs here."""
    try:
        return services.pipelines.findings()
    except ReconociasError:
        return []


def _sample_of(services: Services, person_id: int, sample_id: int) -> Sample:
    person_or_404(services, person_id)
    return numbered(services.gallery.samples(person_id), sample_id, "sample")


def numbered(stored: Sequence[_Stored], number: int, kind: str) -> _Stored:
    """Raises HTTPException 404 for a number that none of a person's faces has."""
    for one in stored:
        if one.id == number:
            return one
    raise HTTPException(404, f"expected a {kind} of this person, found none of number {number}")


async def _sample(request: Request, services: Services, person_id: int | None = None) -> NewSample:
    """The face in the photo that is the body. Raises HTTPException 422 where it will not do."""
    with tempfile.TemporaryDirectory(prefix="reconocias-") as folder:
        try:
            path = await receive(request.stream(), Path(folder))
            found = await run_in_threadpool(_look, services, path, person_id)
        except InputError as error:
            raise HTTPException(422, str(error)) from error
    if isinstance(found, Refusal):
        raise HTTPException(422, found.about_photo)
    return found


def _look(services: Services, path: Path, person_id: int | None) -> NewSample | Refusal:
    if kind_of(path) != "photo":
        raise InputError("expected a photo, found a video; choose another file")
    check_photo(path)
    try:
        image = read_photo(path)
    except InputError as error:
        raise InputError(without_path(error, path)) from error
    return services.pipelines.sample(image, person_id)


def person_record(person: Person) -> PersonRecord:
    """As the API tells it."""
    return PersonRecord(
        id=person.id,
        name=person.name,
        samples=person.sample_count,
        rejections=person.rejection_count,
        created_at=person.created_at,
    )


def picture(face: StoredFace) -> Response:
    """A stored face, as it was stored."""
    return Response(face.data, media_type=face.media_type)


def _sample_record(sample: Sample) -> SampleRecord:
    return SampleRecord(
        id=sample.id, quality=sample.quality, origin=sample.origin, created_at=sample.created_at
    )
