"""The workflows that cut repeated passages and lines out: all that repeats goes, and nothing else."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filter_toys import files_of
from repeat_toys import lines_into, repeated_bytes, repeating_texts, substring_into, without
from text_toys import rows_of, sentence, table, write_corpus, write_jsonl

from curator_engine.errors import InputError, SettingsError, StageError
from curator_engine.executors.choice import make_executor
from curator_engine.failures import FailurePolicy
from curator_text.pipelines.repeats import SubstringWorkflow
from curator_text.repeats.find_windows import CompareRuns
from curator_text.settings import SubstringSettings

FOLDERS = ("data", "removed", "passages")


@pytest.mark.parametrize("seed", range(6))
def test_every_repeated_window_goes_and_nothing_else(seed, tmp_path):
    texts = repeating_texts(seed)
    source = write_corpus(tmp_path / "in", [{"text": text} for text in texts], files=3)
    files = sorted((tmp_path / "in").iterdir())
    texts = [json.loads(line)["text"] for path in files for line in path.read_text().splitlines()]
    facts = substring_into(source, tmp_path / "out", pieces_together=40)
    left = [without(t, m) for t, m in zip(texts, repeated_bytes(texts), strict=True)]
    goes = [
        bool(any(m)) and not rest.strip()
        for m, rest in zip(repeated_bytes(texts), left, strict=True)
    ]
    assert [row["text"] for row in rows_of(tmp_path / "out")] == [
        rest for rest, gone in zip(left, goes, strict=True) if not gone
    ]
    assert facts["num_removed"] == sum(goes) > 0


def test_a_passage_says_where_it_stands_first_and_what_it_is(tmp_path):
    passage = "naïve 文字 " + sentence(1, words=20)
    rows = [
        {"id": "a", "text": f"一 {sentence(2)} {passage}."},
        {"id": "b", "text": f"二{passage}"},
    ]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    substring_into(source, tmp_path / "out", id_field="id", min_bytes=50)
    [row] = table(tmp_path / "out", "passages")
    first = rows[0]["text"].encode()[row["first_byte"] :].decode()
    assert first.startswith(passage)
    assert rows[1]["text"][row["start"] :][: row["characters"]] == passage
    assert (row["id"], row["first_row"], row["text"]) == ("b", 0, passage[:200])
    assert [each["text"] for each in rows_of(tmp_path / "out")] == [rows[0]["text"], "二"]


def test_other_fields_and_unchanged_lines_keep_their_bytes(tmp_path):
    passage = sentence(1, words=30)
    lines = [
        json.dumps({"text": passage}),
        '{"n": 1.50,  "text": ' + json.dumps(f"x {passage} y") + ', "m": 1e2}',
        '{ "text": "other",  "n": 0.10 }',
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    substring_into(tmp_path / "x.jsonl", tmp_path / "out", min_bytes=100)
    found = (tmp_path / "out/data/x.jsonl").read_text(encoding="utf-8").splitlines()
    assert found == [lines[0], '{"n": 1.50,  "text": "x  y", "m": 1e2}', lines[2]]


def test_parquet_loses_passages_as_lines_do(tmp_path):
    passage = sentence(1, words=30)
    (tmp_path / "in").mkdir()
    columns = {"n": pa.array([1, 2], pa.int16()), "text": [passage, f"x{passage}"]}
    pq.write_table(pa.table(columns), tmp_path / "in/a.parquet")
    substring_into(tmp_path / "in", tmp_path / "out", min_bytes=100)
    found = pq.read_table(tmp_path / "out/data/a.parquet")
    assert found.column("text").to_pylist() == [passage, "x"]
    assert found.schema.field("n").type == pa.int16()


def test_the_longest_document_keeps_its_passages(tmp_path):
    passage = sentence(1, words=30)
    rows = [{"text": f"{passage} short"}, {"text": f"{passage} {sentence(2)}"}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    substring_into(source, tmp_path / "out", min_bytes=100, keep="longest")
    assert [row["text"] for row in rows_of(tmp_path / "out")] == ["short", rows[1]["text"]]


def test_whole_documents_go_if_too_much_repeats(tmp_path):
    passage = sentence(1, words=100)
    rows = [{"text": passage}, {"text": f"{passage} {sentence(2, 20)}"}, {"text": sentence(3)}]
    rows.append({"text": f"{sentence(4)} {passage[:200]}"})
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    facts = substring_into(source, tmp_path / "out", min_bytes=100, remove="documents")
    assert rows_of(tmp_path / "out") == [rows[0], rows[2], rows[3]]
    [gone] = table(tmp_path / "out", "removed")
    assert gone["row"] == 1
    assert gone["repeated"] > 0.5
    assert (facts["passages"], facts["changed"]) == (2, 0)


def test_nothing_is_removed_where_only_passages_are_asked_for(tmp_path):
    rows = [{"text": sentence(1)}, {"text": sentence(1)}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    substring_into(source, tmp_path / "out", remove="nothing")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert not names & {"data", "removed"}
    assert len(table(tmp_path / "out", "passages")) == 1


def test_small_files_that_share_tasks_give_what_one_file_gives(tmp_path):
    texts = repeating_texts(7, count=120)
    for i, text in enumerate(texts):
        write_jsonl(tmp_path / f"in/{i:04d}.jsonl", [{"text": text}])
    substring_into(tmp_path / "in", tmp_path / "many")
    substring_into(
        write_jsonl(tmp_path / "x.jsonl", [{"text": t} for t in texts]), tmp_path / "one"
    )
    assert rows_of(tmp_path / "many") == rows_of(tmp_path / "one")


def test_rows_without_text_and_bad_rows_are_counted(tmp_path):
    passage = json.dumps({"text": sentence(1)})
    lines = [passage, json.dumps({"text": None}), "{bad", passage]
    (tmp_path / "x.jsonl").write_text("\n".join(lines * 20) + "\n", encoding="utf-8")
    settings = SubstringSettings(inputs=[str(tmp_path / "x.jsonl")], output=str(tmp_path / "out"))
    executor = make_executor("local", workers=1, policy=FailurePolicy(max_rejected_ratio=0.5))
    facts = SubstringWorkflow(settings=settings).run(executor).metadata
    kept = len((tmp_path / "out/data/x.jsonl").read_text().splitlines())
    removed = len(table(tmp_path / "out", "removed"))
    assert (kept, removed, facts["lost_rows"], facts["no_text"]) == (21, 39, 20, 20)


def test_a_broken_run_goes_on_to_what_an_unbroken_one_gives(tmp_path, monkeypatch):
    source = write_corpus(tmp_path / "in", [{"text": t} for t in repeating_texts(3)], files=3)
    compare = CompareRuns.process

    def fails(self, task):
        if task.data:
            raise StageError("the machine is broken")
        return compare(self, task)

    monkeypatch.setattr(CompareRuns, "process", fails)
    with pytest.raises(StageError, match="the machine is broken"):
        substring_into(source, tmp_path / "out", pieces_together=10)
    monkeypatch.undo()
    substring_into(source, tmp_path / "out", pieces_together=10)
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert record["steps"]["hash"]["sources_resumed"] > 0
    substring_into(source, tmp_path / "whole", pieces_together=10)
    assert files_of(tmp_path / "out", *FOLDERS) == files_of(tmp_path / "whole", *FOLDERS)


def test_another_length_replaces_what_a_kept_cache_has_found(tmp_path):
    rows = [{"text": sentence(1)}, {"text": f"x {sentence(1)[:80]}"}]
    source, cache = write_jsonl(tmp_path / "x.jsonl", rows), str(tmp_path / "cache")
    substring_into(source, tmp_path / "out", cache=cache, min_bytes=40)
    substring_into(source, tmp_path / "out", cache=cache, min_bytes=200)
    assert rows_of(tmp_path / "out") == rows


def test_lines_that_stand_too_often_go_but_for_the_first(tmp_path):
    menu, rare = "Home | About | Contact", "a line that stands twice here"
    texts = [f"{menu}\n{sentence(i, 5)}\n  {menu}  \nend" for i in range(3)]
    texts += [f"{rare}\nx", f"{rare}\r\ny"]
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    facts = lines_into(source, tmp_path / "out", max_times=2)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == [
        f"{menu}\n{sentence(0, 5)}\nend",
        *(f"{sentence(i, 5)}\nend" for i in (1, 2)),
        *texts[3:],
    ]
    assert (facts["distinct"], facts["passages"]) == (1, 5)
    assert {row["times"] for row in table(tmp_path / "out", "passages")} == {6}


def test_no_place_is_left_to_a_line_where_none_is_asked_for(tmp_path):
    texts = [f"the same line in all of them\n{i}" for i in range(4)]
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    lines_into(source, tmp_path / "out", max_times=3, leave=0)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == list("0123")


def test_paragraphs_end_at_empty_lines(tmp_path):
    paragraph = "a paragraph of two lines\nwhich comes again"
    texts = [f"{paragraph}\n\n \n{i}" for i in range(2)]
    texts.append("a paragraph of two lines\nanother end")
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    lines_into(source, tmp_path / "out", unit="paragraph", max_times=1)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == [texts[0], "1", texts[2]]


def test_lines_below_the_least_size_do_not_count(tmp_path):
    texts = [f"}}\n{i}" for i in range(9)]
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    lines_into(source, tmp_path / "out")
    assert [row["text"] for row in rows_of(tmp_path / "out")] == texts


@pytest.mark.parametrize(
    ("given", "said"),
    [({"min_bytes": 15}, "--min-bytes 15"), ({"max_repeated": 1.5}, "--max-repeated 1.5")],
)
def test_values_out_of_range_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        SubstringSettings(inputs=["x"], output="y", **given).check()


def test_a_text_field_that_is_nowhere_is_named(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "a"}])
    with pytest.raises(InputError, match="body"):
        substring_into(source, tmp_path / "out", text_field="body")


def test_too_much_is_not_removed(tmp_path):
    rows = [{"text": sentence(1)} for _ in range(4)]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    with pytest.raises(StageError, match="max_removed_ratio"):
        substring_into(source, tmp_path / "out", max_removed_ratio=0.5)
    assert not (tmp_path / "out/data").exists()
