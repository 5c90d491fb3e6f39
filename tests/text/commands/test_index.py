"""`curator-text fuzzy --save-index --against` as a person uses it."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from text_toys import command, corpus, removed, sentence, write_corpus, write_jsonl

COMMAND = str(Path(sys.executable).parent / "curator-text")


def fuzzy(*words):
    return command("fuzzy", *words, "--workers", "1")


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A run that has saved an index of a corpus whose files are gone."""
    folder = tmp_path_factory.mktemp("first")
    source = write_corpus(folder / "old", corpus(originals=10))
    code, _, err = fuzzy(source, "-o", folder / "first", "--save-index", folder / "index")
    assert code == 0, err
    shutil.rmtree(source)
    return folder


@pytest.fixture
def index(first, tmp_path):
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    return tmp_path / "index"


def week(tmp_path):
    return write_jsonl(
        tmp_path / "week.jsonl", [*corpus(originals=10)[:5], {"id": "new", "text": sentence(99)}]
    )


def test_a_week_is_compared_with_the_index_and_added_to_it(tmp_path, index):
    words = (week(tmp_path), "-o", tmp_path / "out", "--against", index, "--save-index", index)
    code, out, _ = fuzzy(*words, "--id-field", "id")
    assert code == 0
    assert len(removed(tmp_path / "out")) == 5
    documents = json.loads((index / "index.json").read_text())["documents"]
    *_, line, last = out.splitlines()
    assert line.startswith(f"index in {index}: {documents} documents, ")
    assert line.endswith(" MB")
    assert last.startswith(f"result in {tmp_path}/out: ")


def test_the_size_is_in_the_summary(tmp_path, index):
    _, out, _ = fuzzy(week(tmp_path), "-o", tmp_path / "out", "--save-index", index, "--json", "-q")
    record = json.loads((index / "index.json").read_text())
    assert json.loads(out)["index"] == {
        "path": str(index),
        "documents": record["documents"],
        "bytes": record["bytes"],
        "stale": False,
    }


def test_a_finished_week_is_not_compared_with_itself(tmp_path, index):
    words = (week(tmp_path), "-o", tmp_path / "out", "--against", index, "--save-index", index)
    fuzzy(*words)
    before = (index / "index.json").read_bytes()
    gone = removed(tmp_path / "out")
    code, _, err = fuzzy(*words, "--resume")
    assert (code, "is finished already; nothing to do" in err) == (0, True)
    assert fuzzy(*words, "--overwrite")[0] == 0
    assert removed(tmp_path / "out") == gone
    assert (index / "index.json").read_bytes() == before


def test_a_finished_run_is_done_again_when_the_index_has_grown(tmp_path, index):
    text = sentence(99)
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text}])
    words = (source, "-o", tmp_path / "out", "--against", index)
    fuzzy(*words)
    other = write_jsonl(tmp_path / "y.jsonl", [{"text": text}])
    fuzzy(other, "-o", tmp_path / "other", "--save-index", index)
    assert removed(tmp_path / "out") == {}
    assert fuzzy(*words, "--resume")[0] == 0
    assert len(removed(tmp_path / "out")) == 1


def test_the_bands_of_the_index_serve_where_they_find_enough(tmp_path, index):
    code, _, err = fuzzy(
        week(tmp_path), "-o", tmp_path / "out", "--against", index, "--threshold", "0.9"
    )
    assert code == 0, err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--method", "curator"], "was made with method=fast (here curator); give its values"),
        (["--char-ngrams", "13"], "was made with char_ngrams=24 (here 13); give its values"),
        (["--threshold", "0.3"], "was made with num_bands=29 (here "),
        (["--seed", "7", "--dry-run"], "was made with seed=42 (here 7)"),
    ],
)
def test_an_index_that_does_not_fit_is_refused_and_the_output_stays(
    tmp_path, index, words, message
):
    words = (week(tmp_path), "-o", tmp_path / "first", "--overwrite", "--against", index, *words)
    code, _, err = fuzzy(*words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert (tmp_path / "first/run.json").exists()


def test_a_dry_run_names_the_index_and_leaves_it_alone(tmp_path, index):
    before = (index / "index.json").read_bytes()
    words = (week(tmp_path), "-o", tmp_path / "out", "--against", index, "--save-index", index)
    code, out, _ = fuzzy(*words, "--dry-run")
    documents = json.loads(before)["documents"]
    assert code == 0
    assert f"against: {index}, {documents} documents, " in out
    assert (index / "index.json").read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_a_folder_without_an_index_is_refused(tmp_path):
    code, _, err = fuzzy(week(tmp_path), "-o", tmp_path / "out", "--against", tmp_path / "none")
    assert code == 2
    assert f"{tmp_path}/none holds no index; make one with --save-index" in err


def test_the_help_names_both_options():
    out = fuzzy("--help")[1]
    assert "--against" in out
    assert "--save-index" in out
