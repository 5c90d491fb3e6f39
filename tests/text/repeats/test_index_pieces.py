"""Repeated passages and lines with an index: what goes of the new is what goes of it in a run over everything."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from repeat_toys import WINDOW, lines_into, repeating_texts, substring_into
from text_toys import rows_of, write_jsonl

from curator_engine.files.output_folder import take
from curator_text.dedup.forget_in_index import forget_in_index
from curator_text.dedup.index import load_index
from curator_text.removal.forget_documents import Forgetting
from curator_text.repeats.index_pieces import LINES_FILES, WINDOWS_FILES

FILES = {"lines": LINES_FILES, "substring": WINDOWS_FILES}
LINE = "this line comes again and again"


def days_of(folder, texts):
    """Three folders of one file each, whose documents have ids."""
    rows = [{"id": f"d{n}", "text": text} for n, text in enumerate(texts)]
    cuts = [rows[:20], rows[20:40], rows[40:]]
    return rows, [write_jsonl(folder / f"in{k}" / f"{k}.jsonl", day) for k, day in enumerate(cuts)]


def with_index(run, source, out, index, **more):
    return run(source, out, id_field="id", against=str(index), save_index=str(index), **more)


@pytest.mark.parametrize("options", [{}, {"input_blocksize": 900, "pieces_together": 40}])
def test_passages_go_as_in_a_run_over_everything(tmp_path, options):
    rows, days = days_of(tmp_path, repeating_texts(3, 60))
    whole = write_jsonl(tmp_path / "all.jsonl", rows)
    substring_into(whole, tmp_path / "all", id_field="id")
    found = list[dict[str, str]]()
    for k, day in enumerate(days):
        with_index(substring_into, day, tmp_path / f"out{k}", tmp_path / "index", **options)
        found += rows_of(tmp_path / f"out{k}")
        # Nothing of the old text is needed any more.
        shutil.rmtree(tmp_path / f"in{k}")
    assert found == rows_of(tmp_path / "all")
    assert load_index(str(tmp_path / "index")).documents == len(rows)


def test_lines_of_all_runs_count_and_those_of_the_new_go(tmp_path):
    texts = [f"{LINE} {n % 4}\nthe line that only document {n} has" for n in range(60)]
    rows, days = days_of(tmp_path, texts)
    lines_into(write_jsonl(tmp_path / "all.jsonl", rows), tmp_path / "all", max_times=12, leave=7)
    found, distinct = list[str](), list[int]()
    for k, day in enumerate(days):
        out, more = tmp_path / f"out{k}", {"max_times": 12, "leave": 7}
        distinct.append(with_index(lines_into, day, out, tmp_path / "index", **more)["distinct"])
        found += [row["text"] for row in rows_of(out)]
    whole = [row["text"] for row in rows_of(tmp_path / "all")]
    # What stands too often by the third day only stays in what the first two gave.
    assert (distinct, found[:40], found[40:]) == ([0, 0, 4], texts[:40], whole[40:])
    assert all(LINE not in text for text in found[40:])


def test_a_passage_names_the_old_document_that_has_it_first(tmp_path):
    passage = "a passage of enough bytes to count"
    old = write_jsonl(tmp_path / "a.jsonl", [{"id": "old", "text": f"one {passage}"}])
    new = write_jsonl(tmp_path / "b.jsonl", [{"id": "new", "text": f"{passage} two", "n": 1}])
    for name, source in (("a", old), ("b", new)):
        with_index(substring_into, source, tmp_path / name, tmp_path / "index", keep="longest")
    (found,) = pq.read_table(tmp_path / "b/passages").to_pylist()
    part = load_index(str(tmp_path / "index")).parts[0].name
    assert (found["id"], found["first_file"]) == ("new", f"index:{part}/a.jsonl")
    assert (found["first_row"], found["first_byte"]) == (0, 4)
    assert [row["text"] for row in rows_of(tmp_path / "b")] == [" two"]


@pytest.mark.parametrize(("job", "run"), [("lines", lines_into), ("substring", substring_into)])
def test_forgotten_documents_leave_the_index(tmp_path, job, run):
    text = f"{LINE} and then it ends"
    rows = [{"id": f"d{n}", "text": f"{text} {n // 2}\n"} for n in range(6)]
    more = {"max_times": 1} if job == "lines" else {"min_bytes": len(text) + 2}
    index = tmp_path / "index"
    with_index(run, write_jsonl(tmp_path / "a.jsonl", rows[:3]), tmp_path / "a", index, **more)
    forgetting = Forgetting(ids=pa.array(["d0", "d1", "d9"]))
    with take(str(index), job="index", mode="resume"):
        forget_in_index(str(index), forgetting, FILES)
    assert (forgetting.counts["index"], load_index(str(index)).documents) == (2, 1)
    with_index(run, write_jsonl(tmp_path / "b.jsonl", rows), tmp_path / "b", index, **more)
    assert [row["id"] for row in rows_of(tmp_path / "b")] == ["d0", "d4"]


def test_a_run_that_is_done_again_is_not_compared_with_itself(tmp_path):
    source = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": "x" * (3 * WINDOW)}])
    for name in ("a", "b"):
        with_index(substring_into, source, tmp_path / name, tmp_path / "index")
    assert rows_of(tmp_path / "a") == rows_of(tmp_path / "b") == [{"id": "a", "text": "x"}]
    record = json.loads((tmp_path / "b/run.json").read_text(encoding="utf-8"))
    assert record["facts"]["index"]["documents"] == 1
