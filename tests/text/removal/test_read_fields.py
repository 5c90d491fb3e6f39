import pyarrow as pa
import pytest
from text_toys import write_jsonl

from curator_engine.task import FileGroupTask
from curator_text.removal.read_fields import as_kind, field_values


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("a", pa.string(), "a"),
        (7, pa.string(), "7"),
        (True, pa.string(), "true"),
        (["a"], pa.string(), None),
        (7, pa.float64(), 7.0),
        ("7.5", pa.float64(), 7.5),
        ("seven", pa.float64(), None),
        ("1_000", pa.float64(), None),
        (True, pa.float64(), None),
        (True, pa.bool_(), True),
        ("true", pa.bool_(), True),
        (1, pa.bool_(), None),
        (10**400, pa.float64(), None),
    ],
)
def test_a_value_of_another_kind_is_absent(value, kind, expected):
    assert as_kind(value, kind) == expected


def test_rows_are_told_by_their_place(tmp_path):
    path = write_jsonl(tmp_path / "x.jsonl", [{"a": "x"}, {"b": 1}, {"a": None, "b": 2}])
    [(places, values)] = field_values(
        FileGroupTask(data=[str(path)]), {"a": pa.string(), "b": pa.float64()}, max_row=1 << 20
    )
    assert places.tolist() == [0, 11, 20]
    assert values == {"a": ["x", None, None], "b": [None, 1, 2]}
