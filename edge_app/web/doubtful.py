"""Faces that are to be stored as one person's and do not look it."""

from collections.abc import Sequence
from typing import cast

from fastapi import HTTPException, Request
from starlette.responses import JSONResponse

from edge_app.core.types import ColorImage
from edge_app.enrolment.doubts import Doubt
from edge_app.web.services import Services


class DoubtfulFaceError(HTTPException):
    """A 409 that says what is doubtful about faces."""

    def __init__(self, doubt: Doubt) -> None:
        advice = "look at the pictures"
        if doubt.kind == "looks_like" and doubt.person is not None:
            advice = f"add it to {doubt.person.name}"
        super().__init__(409, f"{doubt.sentence}; {advice}, or ask again with anyway=true")
        self.doubt = doubt


def refuse_doubtful(
    services: Services, crops: Sequence[ColorImage], person_id: int | None = None
) -> None:
    """Raises DoubtfulFaceError for faces that are another's than this person's, or nobody's alone.

    crops: samples, uint8 (160, 160, 3). person_id: None for somebody new.
    """
    doubt = services.pipelines.doubt(crops, person_id)
    if doubt is not None:
        raise DoubtfulFaceError(doubt)


async def answer_doubtful_face(request: Request, error: Exception) -> JSONResponse:
    """Beside the words the kind of doubt, with the number and name of whom it is about, if anybody.

    So a page can ask in its own language.
    """
    refused = cast(DoubtfulFaceError, error)
    person = refused.doubt.person
    about = None if person is None else {"id": person.id, "name": person.name}
    content = {"detail": refused.detail, refused.doubt.kind: about}
    return JSONResponse(content, refused.status_code)
