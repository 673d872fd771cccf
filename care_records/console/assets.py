"""The pages' own files: served under a name that changes with their content, so that a browser may keep them."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request, send_from_directory, url_for

from care_records.console.gate import may_be_kept
from care_records.console.guards import public

pages = Blueprint("assets", __name__)

FOLDER: Final = Path(__file__).parent / "static"
A_YEAR: Final = "public, max-age=31536000, immutable"


@pages.get("/static/<path:name>")
@public
def file(name: str) -> Response:
    """A file of static/. Only what is asked for under its present version is kept by the browser."""
    response = send_from_directory(FOLDER, name)
    may_be_kept()
    if request.args.get("v") == version(name):
        response.headers["Cache-Control"] = A_YEAR
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response


@cache
def version(name: str) -> str:
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file of static/, for templates."""
    return url_for("console.assets.file", name=name, v=version(name))
