"""The object on a line of JSON, whatever its bytes are."""

import json
from typing import Any

_BOM = b"\xef\xbb\xbf"


def object_of(line: bytes) -> dict[str, Any]:
    """The object on a line, bytes that are no UTF-8 replaced; empty if it is none."""
    text = line.removeprefix(_BOM).decode("utf-8", "replace")
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}
