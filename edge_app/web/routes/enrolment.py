"""Enrolling in front of the kiosk's camera, started from a phone."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from edge_app.storage.people import MAX_NAME_LENGTH, clean_name
from edge_app.web.security.users import ServicesDep, operator

router = APIRouter(prefix="/api/enrolment", dependencies=[Depends(operator)])

_OFF: dict[int | str, dict[str, str]] = {409: {"description": "Identities are off, or no name."}}


class Start(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str | None, Field(max_length=MAX_NAME_LENGTH)] = None
    """None for the next free one."""


class PromptRecord(BaseModel):
    text: str
    """A key, or what the system said."""
    seconds: int | None
    share: float | None
    name: str | None


@router.post("", status_code=202, responses=_OFF)
def start(services: ServicesDep, wanted: Start) -> None:
    """Begin to enrol who stands in front of the kiosk; its screen says what to do."""
    services.controls.enrol(clean_name(wanted.name) if wanted.name else None)


@router.get("")
def prompt(services: ServicesDep) -> PromptRecord | None:
    """What the kiosk's screen says at present; null while nobody is being enrolled."""
    said = services.kiosk.status.prompt
    if said is None:
        return None
    return PromptRecord(text=said.text, seconds=said.seconds, share=said.share, name=said.name)


@router.delete("", status_code=202, responses=_OFF)
def cancel(services: ServicesDep) -> None:
    """Stop; nothing is kept."""
    services.controls.cancel()
