"""The workflow that filters: what comes in is in data/, removed/ or quarantine/, whatever happens between."""

import json

import pyarrow.parquet as pq
import pytest
from filter_toys import (
    ROWS,
    Fragile,
    Marks,
    corpus_with_bad_rows,
    files_of,
    filter_into,
    keeps,
    toy_recipe,
)
from text_toys import rows_of, table, write_corpus, write_jsonl

from curator_engine.errors import SettingsError, StageError
from curator_text.filters.recipe import Recipe
from curator_text.pipelines.filter import FilterWorkflow
from curator_text.settings import FilterSettings


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run over files with bad rows, with ids."""
    folder = tmp_path_factory.mktemp("filter")
    source = corpus_with_bad_rows(folder / "in")
    filter_into(source, folder / "out", id_field="id", source_field="site")
    return folder / "out"


@pytest.fixture(scope="module")
def facts(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]


def data_rows(out):
    return [*rows_of(out), *pq.read_table(out / "data/c.parquet").to_pylist()]


def test_what_comes_in_is_in_data_removed_or_quarantine(out, facts):
    kept = {row["id"] for row in data_rows(out)}
    gone = {row["id"] for row in table(out, "removed")}
    assert kept == {row["id"] for row in ROWS if keeps(row)} | {"none"}
    assert gone == {row["id"] for row in ROWS if not keeps(row)}
    assert (facts["lost_rows"], facts["lost_files"]) == (1, 1)
    assert (facts["num_documents"], facts["num_removed"], facts["no_text"]) == (61, len(gone), 1)


def test_kept_lines_are_the_bytes_that_they_were(out):
    lines = (out.parent / "in/a.jsonl").read_bytes().splitlines(keepends=True)
    kept = [line for row, line in zip(ROWS[:20], lines, strict=False) if keeps(row)]
    assert (out / "data/a.jsonl").read_bytes() == b"".join([*kept, lines[20]])


def test_every_document_has_its_scores_and_its_place(out):
    rows = {row["id"]: row for row in table(out, "scores")}
    assert len(rows) == 60
    for row in ROWS:
        found = rows[row["id"]]
        assert found["keep"] == keeps(row)
        assert found["words"] == len(row["text"].split())
        assert found["marks"] == row["text"].count("!")
    assert (rows["d19"]["file"], rows["d19"]["row"]) == ("a.jsonl", 19)
    assert (rows["d50"]["file"], rows["d50"]["row"]) == ("c.parquet", 10)


def test_a_dropped_document_has_the_first_rule_that_it_fails_and_its_scores(out):
    [row] = [row for row in table(out, "removed") if row["id"] == "d3"]
    assert (row["rule"], row["words"], row["marks"]) == ("marks", 3, 3)
    assert row["reason"] == "marks 3 > 1"
    assert {row["rule"] for row in table(out, "removed") if row["words"] < 3} == {"words"}


def test_the_rules_are_counted_the_worst_first(out, facts):
    first = ["words" if len(row["text"].split()) < 3 else "marks" for row in ROWS if not keeps(row)]
    expected = {rule: first.count(rule) for rule in ("words", "marks")}
    assert list(facts["rules"].items()) == sorted(expected.items(), key=lambda each: -each[1])


def test_losses_are_counted_by_the_source_field(out):
    rows = {row["source"]: row for row in pq.read_table(out / "sources.parquet").to_pylist()}
    gone = [row for row in ROWS if row["site"] == "a" and not keeps(row)]
    assert (rows["a"]["documents"], rows["a"]["removed"]) == (30, len(gone))


def test_score_only_takes_nothing_out(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    filter_into(source, tmp_path / "out", score_only=True)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert not names & {"data", "removed"}
    assert [row["keep"] for row in table(tmp_path / "out", "scores")] == [keeps(r) for r in ROWS]


def test_what_was_removed_is_gone_when_it_is_only_scored(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    filter_into(source, tmp_path / "out", cache=str(tmp_path / "cache"))
    filter_into(source, tmp_path / "out", cache=str(tmp_path / "cache"), score_only=True)
    assert files_of(tmp_path / "out", "data", "removed") == {}


def test_a_condition_drops_what_the_rules_keep(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    facts = filter_into(source, tmp_path / "out", where="words < 5 and row > 9")
    kept = [
        i for i, row in enumerate(ROWS) if keeps(row) and len(row["text"].split()) < 5 and i > 9
    ]
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [f"d{i}" for i in kept]
    rows = [row for row in table(tmp_path / "out", "removed") if row["rule"] == "where"]
    assert len(rows) == facts["rules"]["where"]
    assert {row["reason"] for row in rows} == {"not words < 5", "not row > 9"}


def test_a_condition_on_an_unknown_score_is_refused_before_any_work(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    with pytest.raises(SettingsError, match="no column 'wordz'; did you mean words"):
        filter_into(source, tmp_path / "out", where="wordz > 1")
    assert not (tmp_path / "out").exists()


def test_too_large_a_loss_stops_before_data_is_written(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    with pytest.raises(StageError, match=r"more than max_removed_ratio=0\.1"):
        filter_into(source, tmp_path / "out", max_removed_ratio=0.1)
    assert files_of(tmp_path / "out", "data") == {}
    assert table(tmp_path / "out", "removed")


def test_a_broken_run_goes_on_to_what_an_unbroken_one_gives(tmp_path):
    source = write_corpus(tmp_path / "in", [{"text": f"{i} word word"} for i in range(8)], files=8)
    recipe = Recipe(name="x", filters=(Fragile(broken=str(tmp_path / "broken")), Marks()))
    settings = FilterSettings(inputs=[source], output=str(tmp_path / "out"))
    (tmp_path / "broken").touch()
    with pytest.raises(StageError, match="the machine is broken"):
        FilterWorkflow(settings=settings, own_recipe=recipe).run()
    (tmp_path / "broken").unlink()
    FilterWorkflow(settings=settings, own_recipe=recipe).run()
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert record["steps"]["score"]["sources_resumed"] > 0
    filter_into(source, tmp_path / "whole", recipe=recipe)
    folders = ("data", "removed", "scores")
    assert files_of(tmp_path / "out", *folders) == files_of(tmp_path / "whole", *folders)


def test_another_threshold_replaces_what_a_kept_cache_has_decided(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    filter_into(source, tmp_path / "out", cache=str(tmp_path / "cache"))
    recipe = toy_recipe(least=5)
    filter_into(source, tmp_path / "out", cache=str(tmp_path / "cache"), recipe=recipe)
    assert len(rows_of(tmp_path / "out")) == sum(keeps(row, least=5) for row in ROWS)


def test_files_without_any_document_are_copied_as_they_are(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": None}, {"text": None}])
    facts = filter_into(source, tmp_path / "out")
    assert (facts["num_documents"], facts["num_removed"]) == (2, 0)
    assert (tmp_path / "out/data/x.jsonl").read_bytes() == (tmp_path / "x.jsonl").read_bytes()
