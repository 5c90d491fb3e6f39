"""What two runs did differently."""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from chat_server import chat_server, echoed
from classify_toys import write_linear
from text_toys import (
    command,
    corpus,
    deduplicate,
    removed,
    sentence,
    table,
    write_corpus,
    write_jsonl,
)

from curator_text.commands.diff import compare
from curator_text.removal.run_folder import REMOVAL_JOBS, open_run

COMMAND = str(Path(sys.executable).parent / "curator-text")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    source = write_corpus(folder / "in", corpus())
    deduplicate(source, folder / "low", id_field="id", threshold=0.7)
    deduplicate(source, folder / "high", id_field="id", threshold=0.95)
    return folder / "low", folder / "high"


def diff(*words):
    return command("diff", *words)


@pytest.mark.parametrize("part_rows", [10**6, 7], ids=["at once", "in parts"])
@pytest.mark.parametrize("by", ["place", "id"])
def test_counts_are_those_of_sets(runs, by, part_rows):
    low, high = map(removed, runs)
    found = compare(*(open_run(str(r)) for r in runs), by=by, examples=3, part_rows=part_rows)
    both = low.keys() & high.keys()
    assert found.only == (len(low) - len(both), len(high) - len(both))
    assert found.both == len(both)
    assert found.regrouped == sum(low[name][0] != high[name][0] for name in both)


def test_examples_are_of_one_run_only(runs):
    low, high = map(removed, runs)
    found = compare(*(open_run(str(r)) for r in runs), by="place", examples=3, part_rows=7)
    names = {row["id"] for row in found.examples[0]}
    assert len(names) == 3
    assert names <= low.keys() - high.keys()


def test_settings_that_differ_are_named(runs):
    code, shown, _ = diff(*runs)
    assert code == 0
    assert "threshold: 0.7 -> 0.95" in shown
    assert "num_bands" not in shown


def test_an_example_names_its_cluster(runs):
    _, shown, _ = diff(*runs, "--json")
    record = json.loads(shown)
    row = record["examples"][0][0]
    assert row["cluster_id"] == removed(runs[0])[row["id"]][0]
    assert record["removed_only_in"][0] > 0


def test_a_run_does_not_differ_from_itself(runs):
    _, shown, _ = diff(runs[0], runs[0])
    assert "the settings are the same" in shown
    assert "removed only in 1: 0" in shown


def test_runs_on_other_files_are_compared_by_id(tmp_path):
    rows = [{"id": "a", "text": sentence(1)}, {"id": "b", "text": sentence(1)}]
    for k, order in enumerate((rows, [{"id": "z", "text": "z"}, *rows])):
        source = write_jsonl(tmp_path / f"{k}.jsonl", order)
        deduplicate(source, tmp_path / f"out{k}", id_field="id")
    _, shown, _ = diff(tmp_path / "out0", tmp_path / "out1", "--json")
    assert (json.loads(shown)["compared_by"], json.loads(shown)["removed_in_both"]) == ("id", 1)


def test_runs_on_other_files_without_ids_are_compared_with_a_warning(tmp_path):
    for name in "ab":
        deduplicate(write_jsonl(tmp_path / f"{name}.jsonl", [{"text": "x"}]), tmp_path / name)
    _, _, err = diff(tmp_path / "a", tmp_path / "b")
    assert "documents are compared by file and row" in err


def test_a_folder_that_is_no_run_is_an_error(runs, tmp_path):
    code, _, err = diff(runs[0], tmp_path)
    assert code == 2
    assert f"{tmp_path} holds no run.json" in err


@pytest.mark.parametrize(
    "command_line", [["explain", "OUT", "--id", "a.jsonl:0"], ["diff", "OUT", "OUT"]]
)
def test_a_run_of_another_job_is_an_error_of_one_line(tmp_path, command_line):
    pq.write_table(pa.table({"id": ["x"]}), write_jsonl(tmp_path / "removed/a.parquet", []))
    (tmp_path / "run.json").write_text('{"job": "split", "status": "done"}', encoding="utf-8")
    words = [str(tmp_path) if word == "OUT" else word for word in command_line]
    code, _, err = command(*words)
    assert code == 2
    assert f"{tmp_path} is the folder of a run of split, which lists no removed documents" in err


OPTIONS = {
    "classify": ["--model", "model", "--filter-by", "bad"],
    "clean": ["--recipe", "c4"],
    "decontaminate": ["--against", "eval.txt"],
    "generate": ["--recipe", "own.yaml", "--model", "tiny", "--endpoint", "server"],
    "langid": ["--keep", "de"],
    "lines": ["--max-times", "1"],
    "pii": ["--action", "drop"],
}


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch, chat_server(echoed) as found:
        patch.setenv("no_proxy", "127.0.0.1")
        yield found.url


@pytest.mark.parametrize("job", REMOVAL_JOBS)
def test_runs_of_every_job_that_removes_can_be_compared(job, server, tmp_path):
    texts = [sentence(1), sentence(1), f"write to somebody@example.org {sentence(2)}", "short"]
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    (tmp_path / "eval.txt").write_text(sentence(1) + "\n", encoding="utf-8")
    recipe = "output_field: out\nprompt: '{text}'\nmin_tokens: 5\n"
    (tmp_path / "own.yaml").write_text(recipe, encoding="utf-8")
    places = {name: str(tmp_path / name) for name in ("eval.txt", "own.yaml")}
    places |= {"model": write_linear(tmp_path / "model"), "server": server}
    words = [places.get(word, word) for word in OPTIONS.get(job, [])]
    for name in ("one", "two"):
        assert command(job, source, "-o", tmp_path / name, *words, "-q")[0] == 0
    count = len(table(tmp_path / "one", "removed"))
    assert count > 0
    code, said, err = diff(tmp_path / "one", tmp_path / "two")
    assert (code, err) == (0, "")
    assert f"removed in both: {count:,}, 0 of them" in said
