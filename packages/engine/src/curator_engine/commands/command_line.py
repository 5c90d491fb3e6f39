"""The words of a command line as the settings of a job.

The fields of the settings are the options; `flags_of` in `settings.py` says how each is written.
"""

import difflib
import re
import types
import typing
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Never

from curator_engine.commands.settings import (
    BaseSettings,
    describe_type,
    flags_of,
    hints_of,
    is_union,
)
from curator_engine.errors import SettingsError

_NUMBER = re.compile(r"-\.?\d")
_YES, _NO = ("yes", "y", "1", "true", "t"), ("no", "n", "0", "false", "f")


def parse_words[S: BaseSettings](
    settings: type[S], words: Sequence[str], values: Mapping[str, Any]
) -> S:
    """The settings that the words after a command's name give.

    Options and inputs stand in any order; after `--` all words are inputs. An option is written as
    `--name value`, `--name=value`, `-n value` or `-nvalue`, a switch as `--name` or `--no-name`; one that is
    `Bare` has a value of its own where no word follows that could be one.

    Args:
        settings: Their class.
        words: The words.
        values: Values of fields from elsewhere, such as a file; the words win.

    Raises:
        SettingsError: An option is not known, stands twice, or its value is missing or of another type.

    Example:
        parse_words(CommonSettings, ["a.jsonl", "-o", "out", "--workers", "2"], {}).workers == 2
    """
    hints = hints_of(settings)
    given: dict[str, Any] = {}
    for name, flag, text in _options(words, flags_of(settings)):
        if any(typing.get_origin(choice) is list for choice in _choices(hints[name])):
            given.setdefault(name, []).append(text)
        elif name in given:
            raise SettingsError(f"{flag} stands twice; give it once.")
        else:
            given[name] = text if isinstance(text, bool) else _value(text, hints[name], flag)
    return settings(**{**values, **given})


def _options(
    words: Sequence[str], flags: Mapping[str, tuple[str, bool | str | None]]
) -> Iterator[tuple[str, str, str | bool]]:
    """The field of each word or pair of words, how it was written, and its value.

    Args:
        words: The words.
        flags: What each flag stands for: a field, and the value that it gives by itself.
    """
    rest = deque(words)
    while rest:
        word = rest.popleft()
        if word == "--":
            yield from (("inputs", "", each) for each in rest)
            return
        elif not _is_option(word):
            yield "inputs", "", word
        else:
            flag, text = _split(word)
            if flag not in flags:
                _refuse(flag, flags)
            name, alone = flags[flag]
            if not isinstance(alone, bool):
                yield name, flag, _next(rest, flag, alone) if text is None else text
            elif text and not word.startswith("--"):
                # Switches of one letter, written together.
                yield name, flag, alone
                rest.appendleft(f"-{text}")
            else:
                yield name, flag, alone if text is None else _yes(text, flag) == alone


def _is_option(word: str) -> bool:
    return len(word) > 1 and word.startswith("-") and not _NUMBER.match(word)


def _split(word: str) -> tuple[str, str | None]:
    """The flag of a word, and the value that is written with it."""
    if not word.startswith("--"):
        return word[:2], word[2:].removeprefix("=") or None
    flag, sign, text = word.partition("=")
    return flag.replace("_", "-"), text if sign else None


def _next(rest: deque[str], flag: str, alone: str | None) -> str:
    """The next word, which is the value of the flag, or what the flag gives alone."""
    if rest and not _is_option(rest[0]):
        return rest.popleft()
    if alone is None:
        raise SettingsError(
            f"{flag} needs a value; one that begins with - is written {flag}=VALUE."
        )
    return alone


def _refuse(flag: str, flags: Mapping[str, object]) -> Never:
    close = difflib.get_close_matches(flag, flags, n=1)
    what = f"did you mean {close[0]}?" if close else "--help lists all."
    raise SettingsError(f"unknown option {flag}; {what}")


def _value(text: str, hint: Any, flag: str) -> Any:
    """The value of the type that a setting has.

    Raises:
        SettingsError: It is of another type.
    """
    for choice in _choices(hint):
        if typing.get_origin(choice) is Literal:
            if text in typing.get_args(choice):
                return text
        elif choice is types.NoneType:
            if text.lower() in ("none", "null"):
                return None
        else:
            try:
                return choice(text)
            except ValueError:
                continue
    raise SettingsError(f"{flag} is {text!r}; it must be {describe_type(hint)}.")


def _choices(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if is_union(hint) else (hint,)


def _yes(text: str, flag: str) -> bool:
    if text.lower() not in _YES + _NO:
        raise SettingsError(f"{flag} is {text!r}; it must be yes or no.")
    return text.lower() in _YES
