"""Text from outside, made fit for a column."""


def storable(text: str, limit: int | None = None) -> str:
    """`text` without what a database refuses (NUL, lone surrogates), cut to `limit` characters."""
    clean = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return clean if limit is None else clean[:limit]


def storable_or_none(text: str | None, limit: int | None = None) -> str | None:
    """As `storable`; None stays None."""
    return None if text is None else storable(text, limit)
