"""The words of a command line as settings."""

from dataclasses import dataclass
from typing import Annotated, Literal

import pytest

from curator_engine.commands.command_line import parse_words
from curator_engine.commands.settings import Bare, CommonSettings, Group, Short
from curator_engine.errors import SettingsError

type Use = Literal["on", "off"]
type Least = Annotated[float | None, Group.LIMITS]


@dataclass(frozen=True, kw_only=True)
class ToySettings(CommonSettings):
    """Settings of a toy."""

    most: Annotated[float | Literal["auto"], Short("m")] = "auto"
    names: list[str] | None = None
    use: Use = "on"
    whole: bool = True
    least: Least = None
    said: Annotated[str | None, Bare("draft")] = None


def parse(*words, **values):
    return parse_words(ToySettings, words, values)


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("a b", "inputs", ["a", "b"]),
        ("a -o out b", "inputs", ["a", "b"]),
        ("-q -- -a --resume", "inputs", ["-a", "--resume"]),
        ("-5", "inputs", ["-5"]),
        ("-o out", "output", "out"),
        ("-oout", "output", "out"),
        ("-o=out", "output", "out"),
        ("--output=", "output", ""),
        ("--output=--x=1", "output", "--x=1"),
        ("--most -0.5", "most", -0.5),
        ("-m auto", "most", "auto"),
        ("--workers 3", "workers", 3),
        ("--workers none", "workers", None),
        ("--max-rejected-ratio .5", "max_rejected_ratio", 0.5),
        ("--max_rejected_ratio .5", "max_rejected_ratio", 0.5),
        ("--names a --names b", "names", ["a", "b"]),
        ("--use off", "use", "off"),
        ("--least 2", "least", 2.0),
        ("--least none", "least", None),
        ("--no-whole", "whole", False),
        ("--whole=no", "whole", False),
        ("--no-whole=no", "whole", True),
        ("-qv", "verbose", True),
        ("-vq", "quiet", True),
        ("-qoout", "output", "out"),
        ("a --said", "said", "draft"),
        ("--said --quiet a", "said", "draft"),
        ("--said model a", "said", "model"),
        ("--said=", "said", ""),
    ],
)
def test_words_give_settings(words, name, value):
    assert getattr(parse(*words.split()), name) == value


def test_what_is_not_said_is_as_the_settings_have_it():
    assert parse() == ToySettings()


def test_words_win_over_values_from_elsewhere():
    found = parse("b", "--workers=none", inputs=["a"], workers=2, use="off")
    assert found == ToySettings(inputs=["b"], use="off")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--wrokers 2", "unknown option --wrokers; did you mean --workers?"),
        ("--zzz", "unknown option --zzz; --help lists all."),
        ("-qz", "unknown option -z; --help lists all."),
        ("--no-resume", "unknown option --no-resume; did you mean --resume?"),
        ("-q --quiet", "--quiet stands twice; give it once."),
        ("-o", "-o needs a value; one that begins with - is written -o=VALUE."),
        ("-o --resume", "-o needs a value; one that begins with - is written -o=VALUE."),
        ("--workers many", "--workers is 'many'; it must be whole number."),
        ("--workers 1.5", "--workers is '1.5'; it must be whole number."),
        ("--most much", "--most is 'much'; it must be number | auto."),
        ("--use up", "--use is 'up'; it must be on | off."),
        ("--whole=maybe", "--whole is 'maybe'; it must be yes or no."),
    ],
)
def test_a_mistake_is_named_in_one_line(words, message):
    with pytest.raises(SettingsError) as caught:
        parse(*words.split())
    assert str(caught.value) == message
