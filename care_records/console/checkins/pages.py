"""The blueprint of the subject; `views.py` brings its pages together."""

from flask import Blueprint

from care_records.console import once

pages = Blueprint("checkins", __name__)
once.register(pages)
