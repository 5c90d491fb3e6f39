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


def facts_of(out):
    return json.loads((out / "run.json").read_text("utf-8"))["facts"]


def files_of(out):
    return {p.name: p.read_bytes() for p in (out / "data").iterdir()}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Pictures of several sizes, one of them damaged, and a run that has measured them all."""
    folder = tmp_path_factory.mktemp("measured")
    both = {"texts": ["One two.", None, None], "images": [None, "a", "b"]}
    mint(
        folder / "in/a.tar",
        ("a", both | {"year": 2000}, {"a.png": picture(), "b.png": picture(20, 20)}),
        ("b", both | {"year": 2010}, {"a.png": picture(300, 300), "b.png": b"none"}),
    )
    assert run(folder / "in", "-o", folder / "out", "--min-side", "0", "--all-measures")[0] == 0
    return folder


def test_conditions_decide_in_a_run_and_later_without_reading_pictures(measured, tmp_path):
    words = ["--min-side", "0"]
    words += ["--where-images", "width > 100 and sharpness > 1 and file == 'a.tar'"]
    words += ["--where", "num_images == 1 and year > 2005"]
    code, said, _ = run(measured / "in", "-o", tmp_path / "now", *words)
    assert code == 0
    assert "  documents: not year > 2005: 1\n  pictures: not width > 100: 1\n" in said
    code, said, _ = run(
        measured / "in", "-o", tmp_path / "later", *words, "--scores", measured / "out"
    )
    assert code == 0
    assert "measures of 4 pictures taken from the earlier run, 0 measured" in said
    assert files_of(tmp_path / "now") == files_of(tmp_path / "later")
    now, later = (facts_of(tmp_path / name) for name in ("now", "later"))
    assert (now["images_measured"], later["images_measured"]) == (4, 0)
    assert now["images_removed_by"] == later["images_removed_by"]
    html = (tmp_path / "later/report.html").read_text("utf-8")
    assert "Pictures by sharpness" in html


def test_what_an_earlier_run_did_not_measure_is_measured(measured, tmp_path):
    command("interleaved", measured / "in", "-o", tmp_path / "a", "--workers", "1")
    words = ["--where-images", "sharpness > 1", "--scores", tmp_path / "a"]
    command("interleaved", measured / "in", "-o", tmp_path / "b", "--workers", "1", *words)
    facts = facts_of(tmp_path / "b")
    assert (facts["images_measured"], facts["images_known"]) == (3, 1)


def test_a_field_that_no_document_has_is_said(measured, tmp_path):
    code, said, wrong = run(measured / "in", "-o", tmp_path / "out", "--where", "langage == 'en'")
    assert code == 0
    assert "no document has the field 'langage'" in said + wrong
    code, _, wrong = run(measured / "in", "-o", tmp_path / "two", "--where", "width > 3")
    assert code == 2
    assert "width is not known of documents; there are id, " in wrong
    code, _, wrong = run(measured / "in", "-o", tmp_path / "two", "--scores", measured / "in")
    assert code == 2


def test_a_document_and_its_pictures_are_explained(measured):
    for name in ("b", "a.tar:1"):
        code, said, _ = command("explain", measured / "out", "--id", name)
        assert code == 0
        assert "b: kept\n  comes from   a.tar, document 1\n" in said
        assert "picture 1    a: kept, 300 x 300, sharpness " in said
        assert "picture 2    b: picture cannot be read" in said
    assert "give an id, or FILE:DOCUMENT" in command("explain", measured / "out", "--id", "x")[2]
