"""Keys and tokens of services, by the forms that these have made known, and blocks of private keys."""

import base64
import json
import re

_BASE = rb"[A-Za-z0-9_\-]"
_FORMS = [
    rb"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}",
    rb"(?i:aws_secret_access_key)[ \t]*[=:][ \t]*[\"']?[A-Za-z0-9/+]{40}",
    rb"gh[pousr]_[A-Za-z0-9]{36,255}",
    rb"github_pat_[A-Za-z0-9_]{22,255}",
    rb"glpat-" + _BASE + rb"{20,64}",
    rb"xox[abeprs]-[A-Za-z0-9\-]{10,200}",
    rb"AIza" + _BASE + rb"{35}",
    rb"[rs]k_live_[A-Za-z0-9]{20,200}",
    rb"sk-" + _BASE + rb"{20,200}",
    rb"hf_[A-Za-z0-9]{30,64}",
    rb"npm_[A-Za-z0-9]{36}",
    rb"eyJ" + _BASE + rb"{8,}\.eyJ" + _BASE + rb"{8,}\." + _BASE + rb"{8,}",
]
_BEGIN = rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_END = rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_LINES = rb"(?:[\s]+[A-Za-z0-9+/=]{16,})*"
"""Of a block that is cut off, the lines that follow its head."""
BLOCK = _BEGIN + rb"(?:(?s:.*?)" + _END + rb"|" + _LINES + rb")"
TOKEN = rb"(?:" + rb"|".join(_FORMS) + rb")"
_IN_WORD = re.compile(rb"[A-Za-z0-9_]")


def is_token(text: bytes, before: bytes) -> bool:
    """Whether what looks like a token is one.

    Args:
        text: It.
        before: The byte before it.
    """
    if _IN_WORD.match(before):
        return False
    if text.startswith(b"eyJ"):
        return _is_jwt(text)
    if text.startswith(b"sk-"):
        return any(c in b"0123456789" for c in text) and any(65 <= c <= 90 for c in text)
    return True


def _is_jwt(text: bytes) -> bool:
    head = text.split(b".")[0]
    try:
        found = json.loads(base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4)))
    except ValueError:
        return False
    return isinstance(found, dict) and "alg" in found
