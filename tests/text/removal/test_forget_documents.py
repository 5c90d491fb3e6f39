"""Taking documents out of files: what is met, and in quarantine what a broken line still tells."""

import json
import pathlib

import pyarrow as pa
import pytest

from curator_engine.files.output_folder import take
from curator_engine.files.storage import write_atomic
from curator_text.removal.forget_documents import Forgetting, forget_in_quarantine


def test_ids_are_compared_as_texts_and_count_as_met():
    made = Forgetting(ids=pa.array(["5", "x"]))
    assert made.among(pa.array(["5", None, "y"])).tolist() == [True, False, False]
    assert (made.has(5), made.has("5"), made.has(None), made.has("z")) == (True, True, False, False)
    assert made.met == {"5"}


@pytest.mark.parametrize(
    ("raw", "goes"),
    [
        ('{"id": "a\\u00e9", "text": 7}', True),
        ('{"id" : "a\u00e9", "text": "half', True),
        ('{"text": "half, "id":5,', True),
        ('{"id": 55, "text": "half', False),
        ('{"other": "a\u00e9", "text": "half', False),
        ("", False),
        ('{"id": "unended', False),
    ],
)
def test_a_line_in_quarantine_goes_if_it_bears_the_id(tmp_path, raw, goes):
    out = str(tmp_path / "out")
    path = f"{out}/quarantine/hash/rows/0.jsonl"
    with take(out, job="exact"):
        write_atomic(
            path,
            (json.dumps({"raw": raw, "rows": 1}) + "\n" + json.dumps({"raw": "{"}) + "\n").encode(),
        )
        made = Forgetting(ids=pa.array(["a\u00e9", "5"]))
        forget_in_quarantine(out, "id", made)
    with pathlib.Path(path).open(encoding="utf-8") as file:
        left = [json.loads(line)["raw"] for line in file]
    assert left == (["{"] if goes else [raw, "{"])
    assert made.counts["quarantine"] == int(goes)


@pytest.mark.parametrize(
    ("file", "raw", "goes"),
    [
        ("x.csv", 'a\u00e9,"a text, and more",too many', True),
        ("x.tsv.gz", "a text\ta\u00e9", True),
        ("x.csv", "b;7;a text with a\u00e9 in it", False),
        ("x.csv", "a\u00e9", False),
        ("x.jsonl", "a\u00e9,a text", False),
    ],
)
def test_a_row_of_csv_in_quarantine_goes_if_a_field_is_the_id(tmp_path, file, raw, goes):
    out = str(tmp_path / "out")
    path = f"{out}/quarantine/hash/rows/0.jsonl"
    with take(out, job="exact"):
        write_atomic(path, json.dumps({"file": f"in/{file}", "raw": raw}).encode() + b"\n")
        made = Forgetting(ids=pa.array(["a\u00e9"]))
        forget_in_quarantine(out, "id", made)
    assert pathlib.Path(path).exists() != goes
    assert made.counts["quarantine"] == int(goes)
