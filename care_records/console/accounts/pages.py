"""The blueprint of the subject; `views.py` brings its pages together."""

from flask import Blueprint

pages = Blueprint("accounts", __name__)
