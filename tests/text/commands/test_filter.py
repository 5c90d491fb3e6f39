"""`curator-text filter` as a person uses it: what is typed, what is seen, what is left."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filter_toys import files_of
from text_toys import (
    command,
    leave_as_killed_at_the_end,
    rows_of,
    table,
    write_corpus,
    write_jsonl,
)

COMMAND = str(Path(sys.executable).parent / "curator-text")

GOOD = (
    "The committee met in the old library on a cold evening in March, and nobody had expected that so many "
    "people would come. There were not enough chairs, so the younger ones sat on the floor with their coats on. "
    "After a short speech the chairman asked for questions, of which there was only one. It was about money."
)
ROWS = [
    {"id": f"d{i}", "text": f"Number {i}. {GOOD}" if i % 4 else "Too short to be of use."}
    for i in range(20)
]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("corpus") / "x.jsonl", ROWS)


@pytest.fixture(scope="module")
def done(source, tmp_path_factory):
    """A run and what it said."""
    out = tmp_path_factory.mktemp("run") / "out"
    return out, command("filter", source, "-o", out, "--id-field", "id", "--workers", "1")


def run(*words):
    return command("filter", *words, "--workers", "1")


def test_it_says_what_each_rule_drops_and_where_to_look(done):
    out, (code, said, _) = done
    first, rule, last = said.splitlines()
    assert code == 0
    assert first.startswith("20 documents: 15 kept, 5 removed (25.0%), ")
    assert rule == "  word_count: 5 (25.0%)"
    assert last == f"result in {out}: report.html, data/, removed/, scores/, run.json"
    assert [row["id"] for row in rows_of(out)] == [f"d{i}" for i in range(20) if i % 4]
    assert {row["reason"] for row in table(out, "removed")} == {"word_count 6 < 50"}


def test_a_setting_of_a_rule_can_be_changed(source, tmp_path):
    words = [source, "-o", tmp_path / "out", "--set", "WordCount.min_words=3", "--json", "-q"]
    _, said, _ = run(*words, "--set", "words_without_alphabets=off")
    assert json.loads(said)["rules"].get("word_count") is None
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    names = [each["name"] for each in record["filters"]]
    assert "words_without_alphabets" not in names
    assert {"name": "word_count", "least": 3}.items() <= record["filters"][
        names.index("word_count")
    ].items()


def test_counts_add_up_as_json(source, tmp_path):
    _, said, _ = run(source, "-o", tmp_path / "out", "--json", "-q")
    summary = json.loads(said)
    assert summary["documents"] == summary["kept"] + summary["removed"] == len(ROWS)
    assert sum(summary["rules"].values()) == summary["removed"]


def test_what_would_go_is_said_where_nothing_goes(source, tmp_path):
    _, said, _ = run(source, "-o", tmp_path / "out", "--score-only")
    assert said.splitlines()[0].startswith("20 documents: 20 kept, 0 removed")
    assert "with --score-only all stay; 5 fail a rule:" in said
    assert said.splitlines()[-1].endswith(": report.html, scores/, run.json")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--recipe", "gofer"], "no recipe 'gofer'"),
        (["--recipe", ""], "no recipe; leave out --recipe"),
        (["--set", "WordCont.min_words=3"], "did you mean WordCount?"),
        (["--where", "word_cout > 3"], "did you mean word_count?"),
        (["--where", "word_count +"], '--where "word_count > 100 and length < 100000"'),
        (["--scores", "gone"], "gone holds no run.json"),
        (["--text-field", "body"], "the text field 'body' is in none of the 1 files"),
        (["--source-field", "site"], "the source field 'site' is in none"),
        (["--max-removed-ratio", "2"], "--max-removed-ratio 2.0 is not in [0, 1]."),
    ],
)
def test_bad_options_are_one_line_exit_two_and_no_work(source, tmp_path, words, message):
    code, _, err = run(source, "-o", tmp_path / "out", *words)
    assert (code, len(err.splitlines())) == (2, 1)
    assert message in err
    assert not (tmp_path / "out").exists()


def test_a_finished_run_has_nothing_to_resume(done, source):
    out, first = done
    code, said, err = command("filter", source, "-o", out, "--id-field", "id", "--resume")
    assert (code, said) == (0, first[1])
    assert "is finished already; nothing to do" in err


def test_a_changed_recipe_is_noticed(source, tmp_path):
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("filters:\n  - WordCount: {min_words: 3}\n", encoding="utf-8")
    words = [source, "-o", tmp_path / "out", "--recipe", recipe]
    assert run(*words)[1].startswith("20 documents: 20 kept")
    recipe.write_text("filters:\n  - WordCount: {min_words: 30}\n", encoding="utf-8")
    _, said, err = run(*words, "--resume")
    assert "its result is replaced" in err
    assert said.startswith("20 documents: 15 kept")


def test_what_a_run_killed_in_its_last_moments_leaves_is_tidied_up(source, tmp_path):
    run(source, "-o", tmp_path / "out")
    before = leave_as_killed_at_the_end(tmp_path / "out")
    run(source, "-o", tmp_path / "out", "--resume")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == before


def test_a_dry_run_names_the_rules_and_does_nothing(source, tmp_path):
    code, said, _ = run(source, "-o", tmp_path / "out", "--dry-run")
    assert code == 0
    assert "recipe curator-en, 28 rules: " in said
    assert "words are what lies between white space" in said
    assert said.splitlines()[-1] == "nothing was done"
    assert not (tmp_path / "out").exists()


def test_two_runs_are_compared_by_their_rules(done, source, tmp_path):
    out, _ = done
    common = (source, "-o", tmp_path / "out", "--id-field", "id")
    run(*common, "--set", "WordCount.min_words=2", "--where", "row != 1")
    code, said, _ = command("diff", out, tmp_path / "out")
    assert code == 0
    assert "removed in both: 5, 5 of them for another rule" in said
    assert "removed only in 2: 1\n  d1: not row != 1" in said


@pytest.mark.slow
@pytest.mark.long
def test_a_killed_run_goes_on_to_what_an_unbroken_one_gives(tmp_path):
    source = write_corpus(tmp_path / "in", ROWS * 300, files=30)
    assert run(source, "-o", tmp_path / "whole")[0] == 0
    process = subprocess.Popen(
        [COMMAND, "filter", source, "-o", str(tmp_path / "out"), "-q"], stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if len(list((tmp_path / "out").glob(".cache/checkpoint/*/done/*/*/*.json"))) >= 3:
            break
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert run(source, "-o", tmp_path / "out", "--resume")[0] == 0
    folders = ("data", "removed", "scores")
    assert files_of(tmp_path / "out", *folders) == files_of(tmp_path / "whole", *folders)
