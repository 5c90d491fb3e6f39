"""Arguments by position in an order of their own."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from curator_engine.positional import positional


@positional("path", "mode", "fields", "name", "batch_size")
@dataclass(kw_only=True)
class Writing:
    fields: list[str] | None = None
    path: str


Writer: Any = Writing


def test_arguments_go_to_the_parameters_in_the_order_that_is_written():
    with pytest.raises(TypeError, match="unexpected keyword argument 'mode'"):
        Writer("out", "overwrite")
    assert Writer("out", fields=["a"]) == Writer(path="out", fields=["a"])


def test_what_every_stage_has_is_set_where_it_is_no_field():
    given = vars(Writer("out", name="w", batch_size=2))
    assert given == {"fields": None, "path": "out", "name": "w", "batch_size": 2}
    assert vars(Writer("out")) == {"fields": None, "path": "out"}
    with pytest.raises(TypeError, match="resources"):
        Writer("out", resources=None)


def test_more_arguments_than_parameters_are_refused():
    expected = r"Writing takes at most 5 arguments by position \(path, mode, fields, name, batch_size\); 6 "
    with pytest.raises(TypeError, match=expected):
        Writer("out", None, None, "w", 5, 6)


def test_an_argument_that_is_given_twice_is_refused():
    with pytest.raises(TypeError, match="Writing got 'path' by position and by name; give it once"):
        Writer("out", path="in")


def test_a_copy_of_a_dataclass_is_made_as_before():
    assert replace(Writer("out"), fields=["b"]) == Writer(path="out", fields=["b"])


def test_a_dataclass_that_extends_it_has_its_own_positions():
    @dataclass
    class Loud(Writing):
        volume: int = 1

    assert Loud(3, path="out").volume == 3


def test_a_class_that_extends_it_without_an_initialiser_takes_the_same():
    class Same(Writing):
        pass

    same: Any = Same
    assert same("out").path == "out"
