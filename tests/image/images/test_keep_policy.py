import pyarrow as pa
import pytest

from curator_image.images.keep_policy import rank

ROWS = [
    {"uuid": "small", "width": 100.0, "height": 80.0, "num_bytes": 9, "sharpness": 90.0},
    {"uuid": "large", "width": 400.0, "height": 320.0, "num_bytes": 50, "sharpness": 20.0},
    {"uuid": "heavy", "width": 400.0, "height": 320.0, "num_bytes": 70, "sharpness": 20.1},
    {"uuid": "bare", "width": None, "height": None, "num_bytes": 1, "sharpness": None},
]


@pytest.mark.parametrize(
    ("keep", "order"),
    [
        ("first", ["small", "large", "heavy", "bare"]),
        ("largest", ["heavy", "large", "small", "bare"]),
        ("best", ["small", "heavy", "large", "bare"]),
    ],
)
def test_the_order_of_the_right_to_stay(keep, order):
    assert rank(pa.Table.from_pylist(ROWS), keep) == order


def test_no_pictures_have_no_order():
    assert rank(pa.Table.from_pylist(ROWS).slice(0, 0), "best") == []
