"""Arrow without pandas, in a process of its own: what this one has loaded stays loaded."""

import subprocess
import sys


def says(code):
    start = (
        "import sys, pyarrow as pa; from curator_engine.without_pandas import leave_pandas_out; "
    )
    words = [sys.executable, "-c", start + code]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def test_arrays_of_python_values_load_no_pandas():
    code = "leave_pandas_out(); pa.array(['a', None]); print('pandas' in sys.modules)"
    assert says(code) == "False"


def test_without_it_they_would():
    assert says("pa.array(['a', None]); print('pandas' in sys.modules)") == "True"


def test_pandas_can_be_imported_afterwards():
    assert says("leave_pandas_out(); import pandas; print(pandas.Series([1]).sum())") == "1"


def test_tables_and_frames_become_each_other_afterwards():
    code = "leave_pandas_out(); t = pa.table({'a': [1, 2]}); print(pa.Table.from_pandas(t.to_pandas()) == t)"
    assert says(code) == "True"


def test_a_series_has_its_missing_values_once_a_frame_was_made():
    code = (
        "leave_pandas_out(); s = pa.table({'a': [1.0, None]}).to_pandas()['a']; "
        "print(pa.array(s).null_count)"
    )
    assert says(code) == "1"
