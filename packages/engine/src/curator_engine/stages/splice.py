"""Change fields of a line of JSON and leave every other byte as it is.

So the order of fields, the spelling of numbers and white space survive a pipeline that only adds a
score.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from curator_engine.stages.json_text import dump

_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')
_SCALAR = re.compile(r"[^\s,\]}]+")
_BRACKET = re.compile(r'[^"\[\]{}]*+([\[\]{}]|"(?:[^"\\]++|\\.)*+")')
_scan_string: Callable[[str, int, bool], tuple[str, int]] = json.decoder.scanstring  # pyright: ignore[reportAttributeAccessIssue] (not in the stubs)


def splice(
    line: str,
    changes: Mapping[str, Any],
    *,
    drop: frozenset[str] = frozenset(),
    keep: frozenset[str] | None = None,
) -> str:
    """Replace, add and remove fields of the JSON object in `line`.

    Args:
        line: One object, maybe with white space around it.
        changes: New values; a name that the object lacks is added at its end.
        drop: Names of fields to remove.
        keep: Names of the fields to leave, where all others go; None: all but `drop`.

    Raises:
        ValueError: The line is not a JSON object.
    """
    fields = _fields(line)
    opening = line.index("{") + 1
    closing = line.rindex("}")
    parts: list[str] = []
    last = {name: i for i, (name, _, _, _) in enumerate(fields)}
    for i, (name, start, value_start, end) in enumerate(fields):
        if name in drop or (keep is not None and name not in keep):
            continue
        text = line[start:end]
        # Of a repeated key the last counts, so that is the one to change.
        if name in changes and last[name] == i:
            text = line[start:value_start] + dump(changes[name])
        # White space between a value and its comma stays; that of the last field is the tail.
        parts.append(text + line[end : fields[i + 1][1] - 1] if i + 1 < len(fields) else text)
    added = {name: value for name, value in changes.items() if name not in last}
    parts += [f" {dump(name)}: {dump(value)}" for name, value in added.items()]
    if parts and len(parts) == len(added):
        parts[0] = parts[0].lstrip()
    tail = line[fields[-1][3] : closing] if fields else ""
    return line[:opening] + ",".join(parts) + tail + line[closing:]


def append(line: bytes, changes: Mapping[str, Any]) -> bytes:
    """Add fields that the object in `line` is known not to have; all bytes of it stay."""
    end = line.rindex(b"}")
    added = ", ".join(f"{dump(name)}: {dump(value)}" for name, value in changes.items()).encode()
    comma = b"" if line[:end].rstrip().endswith(b"{") else b", "
    return line[:end] + comma + added + line[end:]


def value_texts(line: str) -> dict[str, str]:
    """The text of each field's value as the object in `line` has it; of a repeated key the last."""
    return {name: line[start:end] for name, _, start, end in _fields(line)}


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
        end = _value_end(line, value_start)
        fields.append((name, start, value_start, end))
        at = _skip(line, end)
        if line[at] == "}":
            return fields
        if line[at] != ",":
            raise ValueError(f"a comma is expected at character {at + 1}")
        at += 1


def _value_end(line: str, at: int) -> int:
    """Where the value ends that begins here; how deep it is and how many digits it has do not matter.

    Raises:
        ValueError: None begins here, or it has no end.
    """
    if line[at] not in "[{":
        found = (_STRING if line[at] == '"' else _SCALAR).match(line, at)
        if found is None:
            raise ValueError(f"a value is expected at character {at + 1}")
        return found.end()
    depth, start = 0, at
    while True:
        found = _BRACKET.match(line, at)
        if found is None:
            raise ValueError(f"the value at character {start + 1} has no end")
        at = found.end()
        mark = line[at - 1]
        depth += (mark in "[{") - (mark in "]}")
        if not depth:
            return at


def _skip(line: str, at: int) -> int:
    while line[at] in " \t\r\n":
        at += 1
    return at
