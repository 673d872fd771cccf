"""Which characters an utterance must have for a pattern to have a chance: a cheap test before the costly one.

Understands the part of regular-expression syntax that the language's files use: literals, `(?:…|…)`, plain groups,
lookarounds, `[…]`, `.`, `^`, `$` and the quantifiers. Whatever it does not understand, it does not require.
"""

from collections.abc import Iterator

Needs = tuple[frozenset[str], ...]
LOOKAROUNDS = ("(?=", "(?!", "(?<=", "(?<!")


def needs(pattern: str) -> Needs:
    """For each part of `pattern` that cannot be left out, the characters of which it must begin with one."""
    branches = list(_branches(pattern))
    if len(branches) > 1:
        first = _first(pattern)
        return () if first is None else (first,)
    return tuple(first for item, optional in _items(pattern) if not optional and (first := _first_of(item)) is not None)


def _first(pattern: str) -> frozenset[str] | None:
    """The characters with which a match of `pattern` can begin; None when that can be any."""
    union: frozenset[str] = frozenset()
    for branch in _branches(pattern):
        for item, optional in _items(branch):
            first = _first_of(item)
            if first is None:
                return None
            union |= first
            if not optional:
                break
        else:
            return None
    return union


def _first_of(item: str) -> frozenset[str] | None:
    if item.startswith("("):
        return _first(item[3:-1] if item.startswith("(?:") else item[1:-1])
    if item.startswith("["):
        return None if item.startswith("[^") else frozenset(item[1:-1])
    return None if item == "." else frozenset(item)


def _branches(pattern: str) -> Iterator[str]:
    """The alternatives of `pattern` that are not inside a group."""
    depth, start = 0, 0
    for index, character in enumerate(pattern):
        depth += (character in "([") - (character in ")]")
        if character == "|" and depth == 0:
            yield pattern[start:index]
            start = index + 1
    yield pattern[start:]


def _items(pattern: str) -> Iterator[tuple[str, bool]]:
    """The parts of one branch, and whether each may be left out; lookarounds and anchors are no parts."""
    index = 0
    while index < len(pattern):
        end = _end_of_item(pattern, index)
        item = pattern[index:end]
        index, optional = _quantifier(pattern, end)
        if not item.startswith(LOOKAROUNDS) and item not in "^$":
            yield item, optional


def _end_of_item(pattern: str, start: int) -> int:
    if pattern[start] not in "([":
        return start + 1
    depth = 0
    for index in range(start, len(pattern)):
        depth += (pattern[index] in "([") - (pattern[index] in ")]")
        if depth == 0:
            return index + 1
    raise ValueError(f"a bracket is not closed: {pattern}")


def _quantifier(pattern: str, start: int) -> tuple[int, bool]:
    """Where the quantifier at `start`, if there is one, ends, and whether it allows for nothing."""
    index, optional = start, False
    if pattern.startswith(("?", "*"), start):
        index, optional = start + 1, True
    elif pattern.startswith("+", start):
        index = start + 1
    elif pattern.startswith("{", start):
        index = pattern.index("}", start) + 1
        optional = pattern[start + 1] == "0"
    if index > start and pattern.startswith("?", index):
        index += 1
    return index, optional
