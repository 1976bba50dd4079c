"""Faces that are to be stored as one person's and look like another's."""

from collections.abc import Sequence
from typing import cast

from fastapi import HTTPException, Request
from starlette.responses import JSONResponse

from edge_app.core.types import ColorImage
from edge_app.enrolment.resemblance import Resemblance
from edge_app.web.services import Services


class KnownFaceError(HTTPException):
    """A 409 that says whose the face is."""

    def __init__(self, found: Resemblance) -> None:
        super().__init__(
            409,
            f"expected a face that is nobody else's, found one that looks like {found}; add it to "
            f"{found.person.name}, or ask again with anyway=true",
        )
        self.found = found


def refuse_known(
    services: Services, crops: Sequence[ColorImage], person_id: int | None = None
) -> None:
    """Raises KnownFaceError for faces of one person that look like another's than this one's.

    crops: samples, uint8 (160, 160, 3). person_id: None for somebody new.
    """
    found = services.pipelines.whose(crops) if crops else None
    if found is not None and found.person.id != person_id:
        raise KnownFaceError(found)


async def answer_known_face(request: Request, error: Exception) -> JSONResponse:
    """The number and the name of who it looks like beside the words, for a page that asks."""
    known = cast(KnownFaceError, error)
    person = known.found.person
    content = {"detail": known.detail, "looks_like": {"id": person.id, "name": person.name}}
    return JSONResponse(content, known.status_code)
