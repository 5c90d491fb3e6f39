"""What the page of items is made of."""

import picture_app
import pytest

from curator_engine.errors import InputError
from curator_engine.items.page_data import bare_reason, gather, state_of


@pytest.mark.parametrize(
    ("reason", "bare"),
    [
        ("motion_global_mean 0.0003 < 0.00098", "motion_global_mean < 0.00098"),
        ("not sharpness > 0.2: sharpness is 0.1", "not sharpness > 0.2"),
        ("similarity 0.99 to x", "near-duplicate of another one"),
        ("", ""),
    ],
)
def test_reasons_that_differ_in_a_number_count_together(reason, bare):
    assert bare_reason(reason) == bare


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"keep": False, "errors": ["x"], "path": None}, "dropped"),
        ({"keep": True, "errors": ["x"], "path": "a"}, "failed"),
        ({"keep": True, "errors": [], "path": None}, "failed"),
        ({"keep": True, "errors": [], "path": "a"}, "kept"),
    ],
)
def test_what_became_of_an_item(row, state):
    assert state_of(row) == state


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"pictures\.parquet"):
        gather(str(tmp_path), picture_app.PICTURES)
