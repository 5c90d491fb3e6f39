"""`curator-text interleaved` as a person uses it."""

import json

import pytest
from interleaved_toys import mint, picture
from text_toys import command, leave_as_killed_at_the_end

LISTS = {"texts": ["One.", None], "images": [None, "a"]}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    samples = [("a", LISTS, {"png": picture()}), ("b", LISTS, {"png": picture(9, 9)})]
    return mint(tmp_path_factory.mktemp("in") / "a.tar", *samples)


def run(*words):
    return command("interleaved", *words, "--workers", "1", "--max-code-area", "0.05")


@pytest.mark.parametrize(("kind", "ending"), [("webdataset", "tar"), ("jsonl", "jsonl")])
def test_a_killed_run_that_goes_on_has_the_same_files(source, tmp_path, kind, ending):
    out = tmp_path / "out"
    code, said, _ = run(source, "-o", out, "--output-format", kind)
    assert code == 0
    assert "2 documents: 1 kept; of 2 pictures 1 kept" in said
    assert "  documents: too few pictures: 1\n  pictures: picture is too small: 1\n" in said
    data = out / f"data/a.tar.{ending}"
    before = data.read_bytes()
    leave_as_killed_at_the_end(out)
    code, _, _ = run(source, "-o", out, "--output-format", kind, "--resume")
    assert code == 0
    assert data.read_bytes() == before
    assert json.loads((out / "run.json").read_text("utf-8"))["facts"]["images_kept"] == 1
    assert "too few pictures" in (out / "report.html").read_text("utf-8")


def test_a_dry_run_writes_nothing(source, tmp_path):
    assert run(source, "-o", tmp_path / "out", "--dry-run")[0] == 0
    assert not (tmp_path / "out").exists()
