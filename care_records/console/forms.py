"""What somebody typed into a form: checked by a pydantic model, and kept as typed when something is wrong with it.

    class Note(Form):
        text: Annotated[str, Field(min_length=1, max_length=10_000)]
        day: date | None = None

    form = read(Note)                     # of request.form; read(Filter, request.args) for a filter
    if form.value is None: show the page again with `form`, whose fields say what is wrong

In a template: `{{ ui.field(form, 'text', _('备注'), kind='textarea') }}`. An empty field counts as not filled in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, get_origin

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.datastructures import MultiDict

from care_records.console.languages import gettext, lazy_gettext


class Form(BaseModel):
    """The fields of a form. Those that it has not are ignored, and spaces at the ends of a text are not typed."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


F = TypeVar("F", bound=Form)

_MESSAGES: Final = {
    "missing": lazy_gettext("请填写。"),
    "string_too_short": lazy_gettext("太短了。"),
    "string_too_long": lazy_gettext("太长了。"),
    "enum": lazy_gettext("请从列出的里面选。"),
    "literal_error": lazy_gettext("请从列出的里面选。"),
    "int_parsing": lazy_gettext("请填数字。"),
    "int_from_float": lazy_gettext("请填整数。"),
    "float_parsing": lazy_gettext("请填数字。"),
    "greater_than": lazy_gettext("数字太小了。"),
    "greater_than_equal": lazy_gettext("数字太小了。"),
    "less_than": lazy_gettext("数字太大了。"),
    "less_than_equal": lazy_gettext("数字太大了。"),
}
_DATES: Final = lazy_gettext("日期或时间不对。")
_OTHER: Final = lazy_gettext("填得不对。")


@dataclass(frozen=True)
class Filled(Generic[F]):
    """A form as it was filled in. `value` is there when nothing is wrong; `errors` are by field, in words."""

    value: F | None
    typed: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def wrong(self, name: str, message: str) -> "Filled[F]":
        """The same with something wrong in a field that only the records know of."""
        return Filled(None, self.typed, {**self.errors, name: message})


def read(kind: type[F], data: MultiDict[str, str] | None = None) -> Filled[F]:
    """What was typed into a form of that kind, in the body of this request unless `data` is given."""
    typed = _typed(kind, request.form if data is None else data)
    try:
        return Filled(kind.model_validate(typed), typed)
    except ValidationError as error:
        return Filled(None, typed, {str(item["loc"][0]): _message(item) for item in error.errors() if item["loc"]})


def shown(typed: Mapping[str, Any] | object) -> Filled[Form]:
    """A form that is shown for the first time, with these values: a mapping, or what has them as attributes."""
    return Filled(None, typed if isinstance(typed, Mapping) else vars(typed))


EMPTY: Final[Filled[Form]] = Filled(None)


def _typed(kind: type[Form], data: MultiDict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, info in kind.model_fields.items():
        several = get_origin(info.annotation) in (list, tuple, set, frozenset)
        values = [value for value in data.getlist(name) if value.strip()]
        if several or values:
            found[name] = values if several else values[-1]
    return found


def _message(item: Mapping[str, Any]) -> str:
    kind: str = item["type"]
    if kind == "value_error":
        return gettext(str(item["ctx"]["error"]))
    if kind.startswith(("date", "time")):
        return _DATES
    return _MESSAGES.get(kind, _OTHER)
