"""Settings: their help, and which values fit together."""

from dataclasses import dataclass
from typing import Annotated

import pytest

from curator_engine.commands.settings import CommonSettings, Group, describe_fields
from curator_engine.errors import SettingsError

type Least = Annotated[float | None, Group.LIMITS]


@dataclass(frozen=True, kw_only=True)
class ToySettings(CommonSettings):
    """Settings of a toy."""

    threshold: float = 0.8
    """How much
    is enough."""
    least: Least = None
    """A limit."""


def test_help_is_the_docstring_below_the_field():
    first = next(each for each in describe_fields(ToySettings) if each.name == "threshold")
    assert (first.name, first.type, first.default, first.help) == (
        "threshold",
        "number",
        "0.8",
        "How much is enough.",
    )


def test_a_name_for_a_type_counts_as_that_type_with_its_marks():
    found = next(each for each in describe_fields(ToySettings) if each.name == "least")
    assert (found.type, found.group) == ("number", Group.LIMITS)


def test_help_covers_the_common_settings():
    fields = {field.name: field.help for field in describe_fields(ToySettings)}
    assert all(fields.values())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"resume": True, "overwrite": True}, "--resume and --overwrite exclude each other"),
        ({"workers": 0}, "--workers 0 is below 1"),
        ({"limit": 0}, "--limit 0 is below 1"),
    ],
)
def test_values_are_checked_together(values, message):
    with pytest.raises(SettingsError, match=message):
        ToySettings(**values).check()
