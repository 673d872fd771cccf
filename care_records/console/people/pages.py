"""The blueprint of the subject 人员, shared by its views."""

from flask import Blueprint

from care_records.console import once

pages = Blueprint("people", __name__)
once.register(pages)
