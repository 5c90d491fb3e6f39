"""Scores of an earlier run: the same result as reading the texts, or a line that says why not."""

import json
import os
import shutil
from typing import Any

import pytest
from filter_toys import (
    ROWS,
    Marks,
    Words,
    corpus_with_bad_rows,
    files_of,
    filter_into,
    toy_recipe,
)
from text_toys import rows_of, write_jsonl

from curator_engine.errors import InputError
from curator_text.filters.recipe import Recipe

FOLDERS = ("data", "removed", "scores")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return corpus_with_bad_rows(tmp_path_factory.mktemp("corpus") / "in")


@pytest.fixture(scope="module")
def earlier(source):
    filter_into(source, source.parent / "earlier", id_field="id")
    return str(source.parent / "earlier")


def again(source, out, earlier, **options: Any):
    given: dict[str, Any] = {"id_field": "id", **options}
    return filter_into(source, out, scores=str(earlier), **given)


def test_a_moved_threshold_gives_what_reading_the_texts_gives(source, earlier, tmp_path):
    recipe = toy_recipe(least=4, most=2)
    given: dict[str, Any] = {"recipe": recipe, "where": "row < 18"}
    facts = again(source, tmp_path / "out", earlier, **given)
    whole = filter_into(source, tmp_path / "whole", id_field="id", **given)
    assert files_of(tmp_path / "out", *FOLDERS) == files_of(tmp_path / "whole", *FOLDERS)
    names = ("num_documents", "num_removed", "rules", "no_text", "text_bytes")
    names += ("quarantined", "lost_rows", "lost_files", "lost_reasons")
    assert {n: facts[n] for n in names} == {n: whole[n] for n in names}


def test_scores_can_be_taken_from_a_run_that_took_them(source, earlier, tmp_path):
    again(source, tmp_path / "first", earlier)
    facts = again(source, tmp_path / "second", tmp_path / "first")
    assert files_of(tmp_path / "first", *FOLDERS) == files_of(tmp_path / "second", *FOLDERS)
    assert (facts["lost_rows"], facts["lost_files"]) == (1, 1)


def test_blocks_and_rows_stay_where_they_were_with_many_blocks(tmp_path):
    text = "word word word word " * 30_000
    rows = [{"text": text if i % 3 else f"{i}"} for i in range(60)]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    filter_into(source, tmp_path / "earlier")
    filter_into(source, tmp_path / "out", scores=str(tmp_path / "earlier"))
    assert files_of(tmp_path / "out", *FOLDERS) == files_of(tmp_path / "earlier", *FOLDERS)
    assert len(rows_of(tmp_path / "out")) == 40


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"id_field": None}, "its id_field was id, and is None now"),
        ({"limit": 5}, "its limit was None, and is 5 now"),
        ({"recipe": toy_recipe(letter="w")}, "letter of words was '', and is 'w' now"),
        (
            {"recipe": Recipe(name="x", filters=(type("New", (Words,), {"name": "new"})(),))},
            "it has no score new",
        ),
        (
            {"recipe": Recipe(name="x", filters=(type("Other", (Marks,), {})(),))},
            "marks was the score of Marks",
        ),
    ],
)
def test_scores_that_would_not_be_the_same_are_refused(source, earlier, tmp_path, options, line):
    with pytest.raises(InputError, match=line):
        again(source, tmp_path / "out", earlier, **options)
    assert not (tmp_path / "out").exists()


def test_a_changed_input_is_refused(tmp_path):
    source = write_jsonl(tmp_path / "in/x.jsonl", ROWS)
    filter_into(source, tmp_path / "earlier")
    os.utime(source, (1, 1))
    with pytest.raises(InputError, match="the input is not what it read"):
        filter_into(source, tmp_path / "out", scores=str(tmp_path / "earlier"))


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        ("quarantine", "its quarantine lacks what it could not read, 1 rows"),
        ("blocks.parquet", "it has no blocks.parquet"),
    ],
)
def test_a_run_that_lacks_what_is_needed_is_refused(source, earlier, tmp_path, harm, line):
    shutil.copytree(earlier, tmp_path / "copy")
    victim = tmp_path / "copy" / harm
    shutil.rmtree(victim) if victim.is_dir() else victim.unlink()
    with pytest.raises(InputError, match=line):
        again(source, tmp_path / "out", tmp_path / "copy")


@pytest.mark.parametrize(("key", "value"), [("status", "failed"), ("job", "exact")])
def test_a_run_that_is_none_of_filter_or_not_finished_is_refused(
    source, earlier, tmp_path, key, value
):
    shutil.copytree(earlier, tmp_path / "copy")
    path = tmp_path / "copy/run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**record, key: value}), encoding="utf-8")
    with pytest.raises(InputError, match="not the folder of a finished run of filter"):
        again(source, tmp_path / "out", tmp_path / "copy")


def test_the_earlier_run_is_not_written_over(source, earlier):
    with pytest.raises(InputError, match="overlap"):
        again(source, earlier, earlier)
