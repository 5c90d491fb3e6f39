"""Change fields of a line of JSON and leave every other byte as it is.

So the order of fields, the spelling of numbers and white space survive a pipeline that only adds a
score.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

_decoder = json.JSONDecoder()
_scan_string: Callable[[str, int, bool], tuple[str, int]] = json.decoder.scanstring  # pyright: ignore[reportAttributeAccessIssue] (not in the stubs)


def splice(line: str, changes: Mapping[str, Any], *, drop: frozenset[str] = frozenset()) -> str:
    """Replace, add and remove fields of the JSON object in `line`.

    Args:
        line: One object, maybe with white space around it.
        changes: New values; a name that the object lacks is added at its end.
        drop: Names of fields to remove.

    Raises:
        ValueError: The line is not a JSON object.
    """
    fields = _fields(line)
    opening = line.index("{") + 1
    closing = line.rindex("}")
    parts: list[str] = []
    last = {name: i for i, (name, _, _, _) in enumerate(fields)}
    for i, (name, start, value_start, end) in enumerate(fields):
        if name in drop:
            continue
        text = line[start:end]
        # Of a repeated key the last counts, so that is the one to change.
        if name in changes and last[name] == i:
            text = line[start:value_start] + _dump(changes[name])
        parts.append(text)
    kept = {name for name, *_ in fields}
    parts += [
        f" {_dump(name)}: {_dump(value)}" for name, value in changes.items() if name not in kept
    ]
    if not fields and parts:
        parts[0] = parts[0].lstrip()
    tail = line[fields[-1][3] : closing] if fields else ""
    return line[:opening] + ",".join(parts) + tail + line[closing:]


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _fields(line: str) -> list[tuple[str, int, int, int]]:
    """Name, start, start of the value and end of each field; commas are between them."""
    at = line.index("{") + 1
    fields: list[tuple[str, int, int, int]] = []
    while True:
        start = at
        at = _skip(line, at)
        if line[at] == "}" and not fields:
            return fields
        if line[at] != '"':
            raise ValueError(f"a field name is expected at character {at + 1}")
        name, at = _scan_string(line, at + 1, False)
        at = _skip(line, at)
        if line[at] != ":":
            raise ValueError(f"a colon is expected at character {at + 1}")
        value_start = _skip(line, at + 1)
        _, end = _decoder.raw_decode(line, value_start)
        fields.append((name, start, value_start, end))
        at = _skip(line, end)
        if line[at] == "}":
            return fields
        if line[at] != ",":
            raise ValueError(f"a comma is expected at character {at + 1}")
        at += 1


def _skip(line: str, at: int) -> int:
    while line[at] in " \t\r\n":
        at += 1
    return at
