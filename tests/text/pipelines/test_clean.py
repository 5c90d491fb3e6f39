"""The workflow that cleans: what comes in is in data/, removed/ or quarantine/, and data/ has the new texts."""

import json

import pyarrow.parquet as pq
import pytest
from clean_toys import ROWS, clean_into, cleaned, corpus_with_bad_rows, toy_recipe
from filter_toys import files_of
from text_toys import rows_of, table, write_corpus, write_jsonl

from curator_engine.errors import SettingsError, StageError
from curator_text.pipelines.clean import CleanWorkflow, describe
from curator_text.settings import CleanSettings

FOLDERS = ("data", "removed", "changes")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run over files with bad rows, with ids."""
    folder = tmp_path_factory.mktemp("clean")
    source = corpus_with_bad_rows(folder / "in")
    clean_into(source, folder / "out", id_field="id", source_field="site")
    return folder / "out"


@pytest.fixture(scope="module")
def facts(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]


def test_what_comes_in_is_in_data_removed_or_quarantine(out, facts):
    kept = [*rows_of(out), *pq.read_table(out / "data/c.parquet").to_pylist()]
    texts = {row["id"]: row["text"] for row in kept}
    stay = {row["id"]: cleaned(row["text"]) for row in ROWS if cleaned(row["text"])}
    assert texts == {**stay, "none": None}
    assert {row["id"] for row in table(out, "removed")} == {r["id"] for r in ROWS} - stay.keys()
    assert (facts["lost_rows"], facts["lost_files"]) == (1, 1)
    assert (facts["num_documents"], facts["num_removed"], facts["no_text"]) == (61, 30, 1)


def test_a_line_that_stays_as_it_is_and_the_other_fields_keep_their_bytes(out):
    before = (out.parent / "in/sub/b.jsonl").read_text().splitlines()
    after = (out / "data/sub/b.jsonl").read_text().splitlines()
    expected = [
        line.replace(row["text"], cleaned(row["text"]))
        for line, row in zip(before, ROWS[20:40], strict=True)
        if cleaned(row["text"])
    ]
    assert after == expected


def test_a_changed_document_has_a_row_with_its_rules_and_its_length(out):
    rows = {row["id"]: row for row in table(out, "changes")}
    assert rows.keys() == {row["id"] for row in ROWS if "-" in row["text"]}
    row = rows["d5"]
    assert (row["file"], row["row"], row["no_x"], row["no_y"]) == ("a.jsonl", 5, 1, 1)
    assert (row["chars_before"], row["chars_after"]) == (4, 2)


def test_a_removed_document_has_the_rule_that_took_the_rest(out):
    rows = {row["id"]: row for row in table(out, "removed")}
    assert (rows["d2"]["rule"], rows["d2"]["reason"]) == ("no_y", "nothing is left of 2 characters")
    assert (rows["d42"]["file"], rows["d42"]["row"]) == ("c.parquet", 2)


def test_rules_are_counted(facts):
    assert facts["documents"] == {"no_x": 30, "no_y": 45}
    assert facts["dropped"] == {"no_y": 30}
    assert (facts["changed"], facts["chars_before"] - facts["chars_after"]) == (15, 30)


def test_losses_are_counted_by_the_source_field(out):
    rows = {row["source"]: row for row in pq.read_table(out / "sources.parquet").to_pylist()}
    assert (rows["a"]["documents"], rows["a"]["removed"]) == (30, 15)


def test_too_large_a_loss_stops_before_data_is_written(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    with pytest.raises(StageError, match=r"more than max_removed_ratio=0\.1"):
        clean_into(source, tmp_path / "out", max_removed_ratio=0.1)
    assert files_of(tmp_path / "out", "data") == {}


def test_another_recipe_replaces_what_a_kept_cache_has(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "a xyz"}])
    clean_into(source, tmp_path / "out", cache=str(tmp_path / "cache"))
    only_x = toy_recipe().modifiers[:1]
    recipe = type(toy_recipe())(name="toy", modifiers=only_x)
    clean_into(source, tmp_path / "out", cache=str(tmp_path / "cache"), recipe=recipe)
    assert rows_of(tmp_path / "out") == [{"text": "a yz"}]


def test_a_recipe_that_is_none_is_refused_before_any_work(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    settings = CleanSettings(inputs=[source], output=str(tmp_path / "out"), set=["Nothing=off"])
    with pytest.raises(SettingsError, match="no modifier 'Nothing'"):
        CleanWorkflow(settings=settings).run()
    assert not (tmp_path / "out").exists()


def test_a_described_modifier_names_what_is_not_as_it_comes():
    settings = CleanSettings(inputs=["x"], output="y", set=["NoticeLines.max_words=3"])
    described = {each["name"]: each for each in describe(CleanWorkflow(settings=settings).editor)}
    assert described["NoticeLines"]["settings"] == {"max_words": 3}
    assert described["UnicodeReformatter"]["settings"] == {}


def test_a_broken_run_goes_on_to_what_an_unbroken_one_gives(tmp_path):
    source = write_corpus(tmp_path / "in", [{"text": f"{i} x y"} for i in range(8)], files=8)
    recipe = toy_recipe(broken=str(tmp_path / "broken"))
    settings = CleanSettings(inputs=[source], output=str(tmp_path / "out"))
    (tmp_path / "broken").touch()
    with pytest.raises(StageError, match="the machine is broken"):
        CleanWorkflow(settings=settings, own_recipe=recipe).run()
    (tmp_path / "broken").unlink()
    CleanWorkflow(settings=settings, own_recipe=recipe).run()
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert record["steps"]["edit"]["sources_resumed"] > 0
    clean_into(source, tmp_path / "whole", recipe=recipe)
    assert files_of(tmp_path / "out", *FOLDERS) == files_of(tmp_path / "whole", *FOLDERS)
