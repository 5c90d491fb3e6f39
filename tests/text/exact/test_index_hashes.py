"""Exact deduplication with an index: what it keeps of the new is what a run over everything keeps of them."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pytest
from text_toys import command, corpus, removed, rows_of, table, write_corpus, write_jsonl

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.output_folder import take
from curator_text.dedup import index_use
from curator_text.dedup.forget_in_index import forget_in_index
from curator_text.dedup.index import load_index
from curator_text.exact.index_hashes import HASH_FILES
from curator_text.pipelines.exact import ExactWorkflow
from curator_text.removal.array_files import load_table
from curator_text.removal.forget_documents import Forgetting
from curator_text.settings import ExactSettings


def exact(inputs, out, index, *, blocksize=None, **more):
    settings = ExactSettings(
        inputs=inputs if isinstance(inputs, list) else [str(inputs)],
        output=str(out),
        id_field="id",
        save_index=str(index) if index else None,
        against=str(index) if index else None,
        **more,
    )
    workflow = ExactWorkflow(settings=settings)
    if blocksize:
        workflow.input_blocksize = blocksize
    return workflow.run(LocalExecutor()).metadata


def ids(rows):
    return [row["id"] for row in rows]


@pytest.mark.parametrize("blocksize", [None, 3000])
def test_of_the_new_it_keeps_what_a_run_over_everything_keeps(tmp_path, blocksize):
    rows = corpus(originals=30)
    days = [rows[:25], rows[25:50], rows[50:]]
    sources = [write_corpus(tmp_path / f"in{k}", day) for k, day in enumerate(days)]
    exact(sources, tmp_path / "all", None)
    for k, source in enumerate(sources):
        exact(source, tmp_path / f"out{k}", tmp_path / "index", blocksize=blocksize)
        # Nothing of the old text is needed any more.
        shutil.rmtree(source)
    whole = set(ids(table(tmp_path / "all", "removed")))
    for k, day in enumerate(days):
        kept = ids(rows_of(tmp_path / f"out{k}"))
        assert kept == [row["id"] for row in day if row["id"] not in whole]
    assert load_index(str(tmp_path / "index")).documents == len(rows) - len(whole)


def test_a_copy_names_the_old_document_whatever_is_to_be_kept(tmp_path):
    old = write_jsonl(
        tmp_path / "a.jsonl", [{"id": "z", "text": "x"}, {"id": "old", "text": "same", "n": 1}]
    )
    new = write_jsonl(
        tmp_path / "b.jsonl",
        [{"id": f"new{n}", "text": "same" if n else "other", "n": 9 - n} for n in range(3)]
        + [{"id": "best", "text": "other", "n": 100}],
    )
    for name, source in (("a", old), ("b", new)):
        exact(source, tmp_path / name, tmp_path / "index", keep="field:n")
    assert {gone: kept for gone, (kept, _) in removed(tmp_path / "b").items()} == {
        "new0": "best",
        "new1": "old",
        "new2": "old",
    }
    part = load_index(str(tmp_path / "index")).parts[0].name
    clusters = {row["cluster_id"]: row for row in table(tmp_path / "b", "clusters")}
    assert (clusters["old"]["file"], clusters["old"]["row"]) == (f"index:{part}/a.jsonl", 1)
    assert clusters["old"]["members"] == ["new1", "new2"]


def test_a_run_that_is_done_again_is_not_compared_with_itself(tmp_path):
    source = write_corpus(tmp_path / "in", corpus(originals=5))
    first = exact(source, tmp_path / "a", tmp_path / "index")
    again = exact(source, tmp_path / "b", tmp_path / "index")
    assert again["num_duplicates"] == first["num_duplicates"]
    assert len(load_index(str(tmp_path / "index")).parts) == 1


def test_stopped_while_it_adds_the_index_is_as_it_was_and_then_whole(tmp_path, monkeypatch):
    days = [write_corpus(tmp_path / f"in{k}", corpus(originals=5, seed=k)) for k in (1, 2)]
    exact(days[0], tmp_path / "a", tmp_path / "index")
    before = load_index(str(tmp_path / "index"))
    with monkeypatch.context() as patch:
        patch.setattr(index_use, "add_part", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            exact(days[1], tmp_path / "b", tmp_path / "index")
    assert load_index(str(tmp_path / "index")) == before
    exact(days[1], tmp_path / "b", tmp_path / "index")
    after = load_index(str(tmp_path / "index"))
    assert (after.parts[:1], len(after.parts)) == (before.parts, 2)
    assert len(list((tmp_path / "index/parts").iterdir())) == 2


def test_the_command_says_what_is_in_the_index(tmp_path):
    source = write_jsonl(tmp_path / "a.jsonl", [{"text": "x"}, {"text": "y"}, {"text": "x"}])
    words = ["--against", tmp_path / "index", "--save-index", tmp_path / "index", "--workers", "1"]
    (tmp_path / "index").mkdir()
    code, said, _ = command("exact", source, "-o", tmp_path / "out", *words)
    assert (code, f"index in {tmp_path / 'index'}: 2 documents" in said) == (0, True)
    more = write_jsonl(tmp_path / "b.jsonl", [{"text": "y"}])
    code, said, _ = command("exact", more, "-o", tmp_path / "o2", *words, "--json")
    assert json.loads(said.splitlines()[-1])["removed"] == 1
    assert "against: " in command("exact", more, "-o", tmp_path / "o3", *words, "--dry-run")[1]


def test_an_index_of_other_texts_or_another_job_is_refused(tmp_path):
    source = write_jsonl(tmp_path / "a.jsonl", [{"id": "a", "text": "x"}])
    exact(source, tmp_path / "a", tmp_path / "index")
    with pytest.raises(SettingsError, match="was made with normalize=off"):
        exact(source, tmp_path / "b", tmp_path / "index", normalize="whitespace")
    words = ["-o", tmp_path / "c", "--against", tmp_path / "index"]
    assert "is one of exact; give one that fuzzy has made" in command("fuzzy", source, *words)[2]


def test_forgotten_documents_leave_the_index(tmp_path):
    rows = [{"id": f"d{n}", "text": f"text {n}"} for n in range(9)]
    exact(write_corpus(tmp_path / "in", rows), tmp_path / "out", tmp_path / "index")
    path, forgetting = str(tmp_path / "index"), Forgetting(ids=pa.array(["d0", "d4", "d5"]))
    with take(path, job="index", mode="resume"):
        forget_in_index(path, forgetting, {"exact": HASH_FILES})
    assert forgetting.counts["index"] == 3
    found = load_index(path)
    tables = [load_table(f"{b.part}/{b.task_id}.arrow") for b in found.blocks()]
    assert sorted(str(i) for t in tables for i in t.column("id").to_pylist()) == [
        f"d{n}" for n in (1, 2, 3, 6, 7, 8)
    ]
    assert all(np.array_equal(np.sort(t["row"]), np.arange(t.num_rows)) for t in tables)
    exact(write_jsonl(tmp_path / "b.jsonl", rows), tmp_path / "b", tmp_path / "index")
    assert ids(rows_of(tmp_path / "b")) == ["d0", "d4", "d5"]
