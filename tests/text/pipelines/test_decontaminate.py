"""The workflow that decontaminates: planted leaks are all found, nothing else goes, whatever happens between."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from contamination_toys import (
    QUESTIONS,
    decontaminate_into,
    leaky_rows,
    plain_overlap,
    words,
    write_evaluation,
)
from filter_toys import files_of
from text_toys import rows_of, table, write_corpus, write_jsonl

from curator_engine.errors import InputError, SettingsError, StageError
from curator_text.content_settings import DecontaminateSettings
from curator_text.pipelines.decontaminate import DecontaminateWorkflow

ROWS = leaky_rows()
LEAKS = {row["id"] for i, row in enumerate(ROWS) if i % 5 == 0}
FOLDERS = ("data", "removed", "matches")


@pytest.fixture(scope="module")
def against(tmp_path_factory):
    return write_evaluation(tmp_path_factory.mktemp("evaluation") / "qa.jsonl")


@pytest.fixture(scope="module")
def out(tmp_path_factory, against):
    """A run over files of lines and of Parquet, with a bad line and a row without text."""
    folder = tmp_path_factory.mktemp("run")
    write_jsonl(folder / "in/a.jsonl", [*ROWS[:20], {"id": "none", "text": None}])
    with (folder / "in/a.jsonl").open("a", encoding="utf-8") as file:
        file.write("{bad\n")
    write_jsonl(folder / "in/sub/b.jsonl", ROWS[20:40])
    pq.write_table(pa.Table.from_pylist(ROWS[40:]), folder / "in/c.parquet", row_group_size=7)
    decontaminate_into(folder / "in", folder / "out", against, id_field="id", source_field="site")
    return folder / "out"


@pytest.fixture(scope="module")
def facts(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]


def test_every_planted_leak_is_found_and_nothing_else(out):
    assert {row["id"] for row in table(out, "removed")} == LEAKS


def test_what_comes_in_is_in_data_removed_or_quarantine(out, facts):
    kept = {
        row["id"] for row in [*rows_of(out), *pq.read_table(out / "data/c.parquet").to_pylist()]
    }
    assert kept == {row["id"] for row in ROWS} - LEAKS | {"none"}
    assert (facts["num_documents"], facts["num_removed"], facts["lost_rows"]) == (61, 12, 1)


def test_matches_say_what_was_found_and_where(out):
    texts = {row["id"]: row["text"] for row in ROWS}
    rows = table(out, "matches")
    assert {row["id"] for row in rows} == LEAKS
    for row in rows:
        question = QUESTIONS[row["evaluation_row"]]
        found = texts[row["id"]][row["start"] : row["start"] + row["length"]]
        plain = "".join(
            c for c in found.replace("\u00e1", "a").lower() if c.isascii() and c.isalpha()
        )
        assert plain == question.replace(" ", "")
        assert (row["evaluation"], row["field"], row["overlap"]) == ("qa.jsonl", "question", 1.0)


def test_a_removed_document_has_its_reason_and_its_place(out):
    [row] = [row for row in table(out, "removed") if row["id"] == "d45"]
    assert row["reason"] == "100% of the 12 n-grams of qa.jsonl:9 question"
    assert (row["file"], row["row"], row["items"]) == ("c.parquet", 5, 1)


def test_kept_lines_are_the_bytes_that_they_were(out):
    lines = (out.parent / "in/a.jsonl").read_bytes().splitlines(keepends=True)
    kept = [line for i, line in enumerate(lines[:21]) if i % 5 or i == 20]
    assert (out / "data/a.jsonl").read_bytes() == b"".join(kept)


def test_the_evaluation_sets_are_counted(facts):
    [about] = facts["evaluation"]
    assert about == {"name": "qa.jsonl", "rows": 12, "unreadable": 0, "items": 12, "short": 12}
    assert facts["found_items"] == {"qa.jsonl": 12}
    assert facts["found_documents"] == {"qa.jsonl": 12}


@pytest.mark.parametrize("least", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_partial_leaks_go_by_their_share(tmp_path, against, least):
    texts = [" ".join([*words(900 + k, 9), *QUESTIONS[0].split()[:k]]) for k in range(25)]
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    decontaminate_into(source, tmp_path / "out", against, min_overlap=least)
    gone = [row["row"] for row in table(tmp_path / "out", "removed")]
    shares = [plain_overlap(text, QUESTIONS[0], 13) for text in texts]
    assert gone == [k for k, share in enumerate(shares) if share and share >= least]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"against": []}, SettingsError, "no evaluation sets"),
        ({"min_overlap": 1.5}, SettingsError, r"--min-overlap 1\.5 is not in"),
        ({"ngram": 0}, SettingsError, "--ngram 0 is not in"),
        ({"against_field": ["nope"]}, InputError, "field 'nope' is in none"),
        ({"against": ["gone.jsonl"]}, InputError, r"gone\.jsonl"),
        ({"text_field": "body"}, InputError, "text field 'body'"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path, against, settings, error, message):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS[:3])
    common = {"inputs": [source], "output": str(tmp_path / "out"), "against": [against]}
    given: Any = {**common, **settings}
    with pytest.raises(error, match=message):
        DecontaminateWorkflow(settings=DecontaminateSettings(**given)).run()
    assert not (tmp_path / "out/run.json").exists()


def test_an_output_around_the_evaluation_sets_is_refused(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS[:3])
    against = write_evaluation(tmp_path / "out/e.jsonl")
    with pytest.raises(InputError):
        decontaminate_into(source, tmp_path / "out", against)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["e.jsonl"]


def test_an_evaluation_file_of_which_nothing_is_looked_for_is_an_alarm(tmp_path, against):
    write_jsonl(tmp_path / "eval/short.jsonl", [{"q": "yes"}])
    (tmp_path / "eval/half.jsonl").write_text(
        json.dumps({"q": QUESTIONS[0]}) + "\n{half\n", encoding="utf-8"
    )
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    facts = decontaminate_into(source, tmp_path / "out", tmp_path / "eval")
    assert facts["alarms"] == [
        "1 of 2 rows of the evaluation file half.jsonl cannot be read",
        "nothing of the evaluation file short.jsonl is looked for: "
        "1 texts are below --min-words, 1 rows",
    ]


def test_too_large_a_loss_stops_before_data_is_written(tmp_path, against):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    with pytest.raises(StageError, match=r"more than max_removed_ratio=0\.1"):
        decontaminate_into(source, tmp_path / "out", against, max_removed_ratio=0.1)
    assert files_of(tmp_path / "out", "data") == {}


def test_a_run_with_a_kept_cache_decides_again_for_another_share(tmp_path, against):
    source = write_corpus(tmp_path / "in", ROWS, files=4)
    for least in (1.0, 0.0):
        decontaminate_into(
            source, tmp_path / "out", against, min_overlap=least, cache=str(tmp_path / "cache")
        )
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert record["steps"]["match"]["sources_resumed"] == 4
    decontaminate_into(source, tmp_path / "whole", against, min_overlap=0.0)
    assert files_of(tmp_path / "out", *FOLDERS) == files_of(tmp_path / "whole", *FOLDERS)
