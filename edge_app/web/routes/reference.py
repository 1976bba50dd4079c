"""The API's own pages, on which every request can be tried (docs/decisions/0033)."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from edge_app.web.pages import page
from edge_app.web.reference import operations
from edge_app.web.security.users import viewer

router = APIRouter(dependencies=[Depends(viewer)], include_in_schema=False)


@router.get("/openapi.json")
def describe(request: Request) -> dict[str, Any]:
    return request.app.openapi()


@router.get("/docs")
def show_reference(request: Request) -> Response:
    return page(request, "docs.html", operations=operations(request.app.openapi()))
