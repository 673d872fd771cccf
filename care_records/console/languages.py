"""Chinese is what the pages are written in; the English of each text stands in translations/en/SUBJECT.po.

The catalogues are read as they are, once: there is nothing to compile, and nothing that can be out of date.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import flask_babel
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context
from flask import session as cookie

from care_records.console.context import somebody
from care_records.models.accounts import Language

TRANSLATIONS: Final = Path(__file__).parent / "translations"
COOKIE_KEY: Final = "language"
_LOCALES: Final = {Language.CHINESE: "zh_Hans_CN", Language.ENGLISH: "en"}


class _Catalogues(flask_babel.Domain):  # type: ignore[misc]  # the library is not typed
    """Looks texts up in the .po files themselves."""

    def get_translations(self) -> NullTranslations:
        return catalogue(language())


def install(app: Flask, timezone: str) -> None:
    babel = flask_babel.Babel()
    babel.init_app(
        app,
        default_locale=_LOCALES[Language.CHINESE],
        default_timezone=timezone,
        locale_selector=lambda: _LOCALES[language()],
    )
    app.extensions["babel"].instance.domain_instance = _Catalogues()


def language() -> Language:
    """The language of whoever asks: their account's, or what they chose before they signed in."""
    if not has_request_context():
        return Language.CHINESE
    who = somebody()
    if who is not None:
        return who.language
    return Language(cookie.get(COOKIE_KEY, Language.CHINESE))


@cache
def catalogue(language: Language) -> NullTranslations:
    """The texts of one language by their Chinese; in Chinese every text is its own."""
    merged = Translations()
    for path in sorted((TRANSLATIONS / language).glob("*.po")):
        compiled = BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=language))
        compiled.seek(0)
        merged.merge(Translations(compiled))
    return merged


def gettext(text: str, /, **values: object) -> str:
    """The text in the language of whoever asks; `%(name)s` in it is replaced by the value of that name."""
    translated: str = flask_babel.gettext(text, **values)
    return translated


def lazy_gettext(text: str, /) -> str:
    """A text that is translated when it is shown: for constants."""
    translated: str = flask_babel.lazy_gettext(text)
    return translated
