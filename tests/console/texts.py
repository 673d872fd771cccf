"""The texts of the console's pages, as they stand in the code and in the templates."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from care_records import console
from care_records.console.languages import TRANSLATIONS

ROOM = Path(console.__file__).parent
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None}


def written() -> dict[str, str]:
    """Every text that is to be translated, and the file that it is in."""
    found = extract_from_dir(ROOM, METHODS, options_map={"**.html": {"silent": "false"}}, keywords=KEYWORDS)
    return {text: name for name, _, text, _, _ in found if isinstance(text, str)}


def english() -> dict[str, Catalog]:
    """The catalogues by subject."""
    return {path.stem: _read(path) for path in sorted((TRANSLATIONS / "en").glob("*.po"))}


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")
