"""`curator-text langid` as a person uses it: what is typed, what is seen, what is left."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filter_toys import files_of
from language_toys import ROWS
from text_toys import command, leave_as_killed_at_the_end, write_corpus, write_jsonl

COMMAND = str(Path(sys.executable).parent / "curator-text")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("corpus") / "x.jsonl", ROWS)


@pytest.fixture(scope="module")
def done(source, tmp_path_factory):
    """A run and what it said."""
    out = tmp_path_factory.mktemp("run") / "out"
    return out, run(source, "-o", out, "--keep", "en,de")


def run(*words):
    return command("langid", *words, "--workers", "1")


def test_it_says_the_languages_and_what_was_not_determined(done):
    out, (code, said, _) = done
    first, *languages, unknown, last = said.splitlines()
    assert code == 0
    assert first.startswith("29 documents: 8 kept, 21 removed (72.4%), ")
    assert languages[0] == "  deu_Latn: 4 (13.8%)"
    assert "  und: 1 (3.4%), 1 removed" in languages
    assert unknown == "  not determined (und): 1; in several languages: 0"
    assert last == f"result in {out}: report.html, data/, removed/, languages/, run.json"


def test_counts_add_up_as_json(source, tmp_path):
    _, said, _ = run(source, "-o", tmp_path / "out", "--json", "-q")
    summary = json.loads(said)
    assert summary["documents"] == summary["kept"] == len(ROWS)
    assert sum(each["documents"] for each in summary["languages"].values()) == len(ROWS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--keep", "english"], "'english' is no code of a language"),
        (["--model", "gone.bin"], "no model at gone.bin"),
        (["--min-score", "5"], "--min-score 5.0 is not in [0, 1]."),
        (["--text-field", "body"], "the text field 'body' is in none of the 1 files"),
    ],
)
def test_bad_options_are_one_line_exit_two_and_no_work(source, tmp_path, words, message):
    code, _, err = run(source, "-o", tmp_path / "out", *words)
    assert (code, len(err.splitlines())) == (2, 1)
    assert message in err
    assert not (tmp_path / "out").exists()


def test_a_finished_run_has_nothing_to_resume(done, source):
    out, first = done
    code, said, err = run(source, "-o", out, "--keep", "en,de", "--resume")
    assert (code, said) == (0, first[1])
    assert "is finished already; nothing to do" in err


def test_other_languages_are_noticed(source, tmp_path):
    run(source, "-o", tmp_path / "out", "--keep", "en")
    _, said, err = run(source, "-o", tmp_path / "out", "--keep", "en,fr", "--resume")
    assert "its result is replaced" in err
    assert said.startswith("29 documents: 8 kept")


def test_a_run_that_splits_leaves_nothing_of_one_that_does_not(source, tmp_path):
    run(source, "-o", tmp_path / "out")
    run(source, "-o", tmp_path / "out", "--split-by-language", "--resume")
    assert not (tmp_path / "out/data/x.jsonl").exists()
    run(source, "-o", tmp_path / "out", "--resume")
    assert [*files_of(tmp_path / "out", "data")] == ["data/x.jsonl"]


def test_what_a_run_killed_in_its_last_moments_leaves_is_tidied_up(source, tmp_path):
    run(source, "-o", tmp_path / "out")
    before = leave_as_killed_at_the_end(tmp_path / "out")
    run(source, "-o", tmp_path / "out", "--resume")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == before


def test_a_dry_run_names_the_detector_and_does_nothing(source, tmp_path):
    code, said, _ = run(source, "-o", tmp_path / "out", "--dry-run", "--keep", "de")
    assert code == 0
    assert "pycld2; kept: deu" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.long
def test_a_killed_run_goes_on_to_what_an_unbroken_one_gives(tmp_path):
    source = write_corpus(tmp_path / "in", ROWS * 200, files=30)
    assert run(source, "-o", tmp_path / "whole", "--split-by-language")[0] == 0
    words = [COMMAND, "langid", source, "-o", str(tmp_path / "out"), "--split-by-language", "-q"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if len(list((tmp_path / "out").glob(".cache/checkpoint/*/done/*/*/*.json"))) >= 3:
            break
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert run(source, "-o", tmp_path / "out", "--split-by-language", "--resume")[0] == 0
    folders = ("data", "removed", "languages")
    assert files_of(tmp_path / "out", *folders) == files_of(tmp_path / "whole", *folders)
