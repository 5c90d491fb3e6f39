"""Text of unknown origin, made fit to be shown on a terminal or a page."""

import re

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text with a replacement sign for what would steer a terminal or turn the writing around."""
    return _INVISIBLE.sub("\ufffd", text.replace("\r\n", "\n"))
