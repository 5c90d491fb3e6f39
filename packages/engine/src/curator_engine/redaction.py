"""Take keys, signatures and passwords out of what a run says about itself.

Every writer of records, events, reports and error lines passes through `redacted`; rows of the input
do not, since they are data.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

MASK = "***"
_MIN_SECRET = 8
"""Characters of a variable's value from which it is looked for: shorter ones stand in common words."""
_SECRET_VARIABLE = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$")
_NAMES = (
    r"(?:aws[_-]?)?secret[_-]access[_-]key|(?:aws[_-]?)?access[_-]key(?:[_-]id)?|aws_session_token"
    r"|session[_-]token|access[_-]token|refresh[_-]token|auth[_-]token|sas[_-]token|account[_-]key"
    r"|api[_-]?key|x-api-key|client[_-]secret|connection[_-]string|passw(?:or)?d|secret"
)
_SECRET_NAME = re.compile(rf"-{{0,2}}(?:{_NAMES}|authorization|token|credentials?)", re.I)
_OPTION_NAME = re.compile(r"key|user(?:name)?|login", re.I)
"""Names that stand for secrets among the options of a remote file system."""
_PATTERNS = (
    (re.compile(r"(\w://)[^/\s@'\"<>\\]+@"), rf"\1{MASK}@"),
    (
        re.compile(
            r"([?&;](?:x-(?:amz|goog)-(?:signature|credential|security-token)|signature|sig|token"
            rf"|awsaccesskeyid|googleaccessid|key-pair-id|policy|key|auth|code|{_NAMES})=)[^&#\s'\"<>\\]+",
            re.I,
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(
            r"(authorization['\"]?\s*[:=]\s*['\"]?)(?:(?:bearer|basic|token)\s+)?[^\s'\",\\]+", re.I
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b(bearer\s+)[\w.~+/=-]{8,}", re.I), rf"\1{MASK}"),
    (re.compile(rf"\b((?:{_NAMES})['\"]?\s*[:=]\s*['\"]?)[^\s'\",;&\\]+", re.I), rf"\1{MASK}"),
    (
        re.compile(
            r"\b(?:A[KS]IA[A-Z0-9]{16}|hf_[A-Za-z0-9]{20,}|sk-[\w-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}"
            r"|AIza[\w-]{35}|xox[abprs]-[\w-]{10,})"
        ),
        MASK,
    ),
)


def redacted[T](value: T, *, options: bool = False) -> T:
    """The same with every secret in it masked; texts, and what lists and mappings hold.

    Args:
        value: Anything that JSON holds.
        options: It is the options of a remote file system, where `key` is a secret.
    """
    found: Any = value
    if isinstance(value, str):
        found = _text(value)
    elif isinstance(value, Mapping):
        found = {
            redacted(key): MASK
            if isinstance(each, str) and each and _is_secret(str(key), options=options)
            else redacted(each, options=options or str(key).endswith(("storage_options", "kwargs")))
            for key, each in value.items()
        }
    elif isinstance(value, list | tuple):
        # A command line: the value follows its option.
        before = [None, *value]
        parts = [
            MASK
            if isinstance(each, str) and isinstance(name, str) and _is_option(name)
            else redacted(each, options=options)
            for name, each in zip(before, value, strict=False)
        ]
        found = tuple(parts) if isinstance(value, tuple) else parts
    return found


def _is_secret(name: str, *, options: bool) -> bool:
    return bool(_SECRET_NAME.fullmatch(name) or (options and _OPTION_NAME.fullmatch(name)))


def _is_option(word: str) -> bool:
    return word.startswith("--") and bool(_SECRET_NAME.fullmatch(word))


def _text(text: str) -> str:
    for secret in _secrets_of_environment():
        text = text.replace(secret, MASK)
    for pattern, mask in _PATTERNS:
        text = pattern.sub(mask, text)
    return text


def _secrets_of_environment() -> list[str]:
    # Names alone first: a value is decoded each time that it is looked at.
    values = [os.environ.get(name, "") for name in os.environ if _SECRET_VARIABLE.search(name)]
    return [value for value in values if len(value) >= _MIN_SECRET]
