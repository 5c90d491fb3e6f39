"""`curator-text decontaminate` as a person uses it: what is typed, what is seen, what is left."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from contamination_toys import QUESTIONS, leaky_rows, write_evaluation
from filter_toys import files_of
from text_toys import command, leave_as_killed_at_the_end, write_corpus, write_jsonl

COMMAND = str(Path(sys.executable).parent / "curator-text")
ROWS = leaky_rows(20)
FOLDERS = ("data", "removed", "matches")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("corpus") / "x.jsonl", ROWS)


@pytest.fixture(scope="module")
def against(tmp_path_factory):
    return write_evaluation(tmp_path_factory.mktemp("evaluation") / "qa.jsonl")


@pytest.fixture(scope="module")
def done(source, against, tmp_path_factory):
    """A run and what it said."""
    out = tmp_path_factory.mktemp("run") / "out"
    return out, run(source, "-o", out, "--against", against)


def run(*words):
    return command("decontaminate", *words, "--workers", "1")


def test_it_says_what_was_found_of_which_evaluation_file(done):
    out, (code, said, _) = done
    first, found, size, last = said.splitlines()
    assert code == 0
    assert first.startswith("20 documents: 16 kept, 4 removed (20.0%), ")
    assert found == "  qa.jsonl: 4 of 12 items, in 4 documents (12 too short to be looked for)"
    assert size == "  index of evaluation sets: 0.0 MB"
    assert last == f"result in {out}: report.html, data/, removed/, matches/, run.json"


def test_counts_add_up_as_json(source, against, tmp_path):
    _, said, _ = run(source, "-o", tmp_path / "out", "--against", against, "--json", "-q")
    summary = json.loads(said)
    assert summary["documents"] == summary["kept"] + summary["removed"] == len(ROWS)
    assert summary["found_documents"] == {"qa.jsonl": 4}


def test_several_evaluation_sets_may_be_given(source, against, tmp_path):
    other = write_jsonl(tmp_path / "other.jsonl", [{"q": " ".join(ROWS[1]["text"].split()[:20])}])
    words = ["--against", against, "--against", other, "-o", tmp_path / "out", "--json", "-q"]
    assert json.loads(run(source, *words)[1])["removed"] == 5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no evaluation sets; name files or folders by --against."),
        (["--against", "gone.jsonl"], "gone.jsonl"),
        (["--against", "AGAINST", "--min-overlap", "2"], "--min-overlap 2.0 is not in [0, 1]."),
        (["--against", "AGAINST", "--max-matches", "0"], "--max-matches 0 is below 1."),
        (["--against", "AGAINST", "--against-field", "x"], "Use --against-field."),
        (["--against", "AGAINST", "--source-field", "x"], "the source field 'x' is in none"),
    ],
)
def test_bad_options_are_one_line_and_exit_two(source, against, tmp_path, words, message):
    given = [against if word == "AGAINST" else word for word in words]
    code, _, err = run(source, "-o", tmp_path / "out", *given, "-q")
    assert (code, len(err.splitlines())) == (2, 1)
    assert message in err
    assert not (tmp_path / "out/run.json").exists()


def test_a_finished_run_has_nothing_to_resume(done, source, against):
    out, first = done
    code, said, err = run(source, "-o", out, "--against", against, "--resume")
    assert (code, said) == (0, first[1])
    assert "is finished already; nothing to do" in err


def test_a_changed_evaluation_set_is_noticed(source, tmp_path):
    against = write_jsonl(tmp_path / "e.jsonl", [{"q": QUESTIONS[0]}])
    words = [source, "-o", tmp_path / "out", "--against", against]
    assert run(*words)[1].startswith("20 documents: 19 kept")
    write_jsonl(tmp_path / "e.jsonl", [{"q": QUESTIONS[0]}, {"q": QUESTIONS[1]}])
    _, said, err = run(*words, "--resume")
    assert "its result is replaced" in err
    assert said.startswith("20 documents: 18 kept")


def test_what_a_run_killed_in_its_last_moments_leaves_is_tidied_up(source, against, tmp_path):
    run(source, "-o", tmp_path / "out", "--against", against)
    before = leave_as_killed_at_the_end(tmp_path / "out")
    run(source, "-o", tmp_path / "out", "--against", against, "--resume")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == before


def test_a_dry_run_says_what_is_looked_for_and_does_nothing(source, against, tmp_path):
    code, said, _ = run(source, "-o", tmp_path / "out", "--against", against, "--dry-run")
    assert code == 0
    assert "evaluation sets: 1 file, 12 items of 144 n-grams, 12 too short" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.long
def test_a_killed_run_goes_on_to_what_an_unbroken_one_gives(tmp_path, against):
    source = write_corpus(tmp_path / "in", ROWS * 300, files=30)
    assert run(source, "-o", tmp_path / "whole", "--against", against)[0] == 0
    words = [COMMAND, "decontaminate", source, "-o", str(tmp_path / "out"), "--against", against]
    process = subprocess.Popen([*words, "-q"], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if len(list((tmp_path / "out").glob(".cache/checkpoint/*/done/*/*/*.json"))) >= 3:
            break
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert run(source, "-o", tmp_path / "out", "--against", against, "--resume")[0] == 0
    assert files_of(tmp_path / "out", *FOLDERS) == files_of(tmp_path / "whole", *FOLDERS)
