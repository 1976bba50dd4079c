"""The API's own pages: what FastAPI's take from another host is drawn here instead."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from edge_app.web.pages import page
from edge_app.web.visitor import viewer

router = APIRouter(dependencies=[Depends(viewer)], include_in_schema=False)


@router.get("/openapi.json")
def describe(request: Request) -> dict[str, Any]:
    return request.app.openapi()


@router.get("/docs")
def show_reference(request: Request) -> Response:
    paths = request.app.openapi()["paths"]
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    return page(request, "docs.html", operations=operations)
