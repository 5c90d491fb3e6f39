"""Conditions on clips: what they mean, and that nothing else is let in."""

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_engine.items.where import clauses_of, kinds_of

TABLE = pa.table(
    {
        "start": [0.0, 2.0, 4.0],
        "end": [2.0, 4.0, 9.0],
        "sharpness": [0.1, 0.5, None],
        "motion_global_mean": [0.0, 0.01, 0.02],
        "num_frames": [48, 48, 120],
        "video_codec": ["h264", "vp9", "h264"],
        "keep": [True, True, False],
    }
)


def kept(text):
    found = [True] * 3
    for clause in clauses_of(text, TABLE):
        found = [a and bool(b) for a, b in zip(found, clause.holds, strict=True)]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sharpness > 0.2", [False, True, False]),
        ("not sharpness > 0.2", [True, False, True]),
        ("sharpness != 0.1", [False, True, False]),
        ("sharpness is None", [False, False, True]),
        ("sharpness is not None and motion_global_mean > 0", [False, True, False]),
        ("0 < motion_global_mean <= 0.01", [False, True, False]),
        ("duration >= 5 or sharpness < 0.2", [True, False, True]),
        ("num_frames / (end - start) == 24", [True, True, True]),
        ("1 / start > 0.4", [True, True, False]),
        ("video_codec == 'h264' and keep", [True, False, False]),
        ("video_codec in ('vp9', 'av1')", [False, True, False]),
        ("num_frames not in [48]", [False, False, True]),
        ("sharpness not in [0.1]", [False, True, False]),
        ("sharpness not in [0.1, None]", [False, True, False]),
        ("sharpness in [0.1, None]", [True, False, False]),
        ("video_codec !=\n   'a  b'", [True, True, True]),
        ("sharpness > -1", [True, True, False]),
        ("motion > 0.001", [False, True, True]),
        ("True", [True, True, True]),
    ],
)
def test_a_condition_means_what_it_says(text, expected):
    assert kept(text) == expected


def test_spaces_in_a_text_are_a_part_of_it():
    [clause] = clauses_of("name == 'a  b'", pa.table({"name": ["a  b", "a b"]}))
    assert clause.holds.tolist() == [True, False]


def test_clauses_are_what_and_joins():
    found = clauses_of("sharpness > 0.2 and (keep or end > 3) and duration < 9", TABLE)
    assert [clause.names for clause in found] == [("sharpness",), ("keep", "end"), ("duration",)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("motion_global > 0.1", "did you mean motion_global_mean"),
        ("sharpnes > 0.1", "did you mean sharpness"),
        ("zzz > 0.1", "there are start, end"),
        ("sharpness >", "cannot be read"),
        ("", "cannot be read"),
        ("__import__('os').system('true')", "is not allowed"),
        ("sharpness.real > 0", "Attribute is not allowed"),
        ("[k for k in (1, 2)]", "is not allowed"),
        ("2 ** 1000 ** 1000 > sharpness", "Pow is not allowed"),
        ("sharpness", "is a value, not a condition"),
        ("'a'", "is a value, not a condition"),
        ("sharpness > 'a'", "cannot be compared"),
        ("sharpness and keep", "is a value, not"),
        ("video_codec in 'vp9'", "needs a list"),
        ("video_codec is 'vp9'", "needs None"),
        ("(1, 2)", "only of use behind"),
        ("sharpness > b'x'", "neither a number nor a text"),
        ("sharpness > 1" + "0" * 400, "cannot be compared"),
        ("not " * 300 + "keep", "too many parts"),
        ("(" * 300 + "keep" + ")" * 300, "cannot be read"),
        ("keep " * 1000, "at most 2,000"),
    ],
)
def test_what_is_no_condition_is_one_line(text, message):
    with pytest.raises(SettingsError, match=message) as caught:
        kept(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a > 3", {"a": "double"}),
        ("a in ('x', 'y') and b is None", {"a": "string", "b": "string"}),
        ("flag == True", {"flag": "bool"}),
        ("a + b > c", {"a": "double", "b": "double", "c": "string"}),
    ],
)
def test_a_column_is_what_it_is_compared_with(text, kinds):
    assert {name: str(kind) for name, kind in kinds_of(text).items()} == kinds


def test_a_column_is_not_of_two_kinds():
    with pytest.raises(SettingsError, match="values of two kinds"):
        kinds_of("a > 3 and a == 'x'")
