"""The commands on finished runs, with an app of pictures that writes none of them itself."""

import json
import shutil

import numpy as np
import picture_app
import pyarrow.parquet as pq
import pytest
from pages import Page
from PIL import Image

from curator_engine.commands.cli import run_app

PICTURES = picture_app.PICTURES


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run of five pictures: two alike, one dark, two others."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "in").mkdir()
    grids = {
        name: np.random.default_rng(seed).integers(60, 255, (8, 8))
        for seed, name in enumerate("abc")
    }
    grids |= {"a2": grids["a"] - 1, "dark": np.full((8, 8), 3)}
    for name, grid in grids.items():
        Image.fromarray(grid.astype(np.uint8).repeat(8, 0).repeat(8, 1)).save(
            folder / f"in/{name}.png"
        )
    line = ["curate", str(folder / "in"), "-o", str(folder / "run"), "--workers", "1", "-q"]
    assert run_app("pictures", picture_app.JOBS, version="1", argv=line) == 0
    return folder / "run"


@pytest.fixture
def pictures(made, tmp_path, capsys):
    """A copy of the run, and a function that runs a command and gives its JSON."""
    run = shutil.copytree(made, tmp_path / "run")

    def call(*words, code=0):
        capsys.readouterr()
        assert run_app("pictures", picture_app.JOBS, version="1", argv=[*words, "--json"]) == code
        out, err = capsys.readouterr()
        return json.loads(out) if code == 0 else err

    return run, call


def names(run, *, keep):
    rows = PICTURES.read(str(run)).to_pylist()
    return sorted(row["source"].rpartition("/")[2][:-4] for row in rows if row["keep"] == keep)


def files(run, folder):
    return sorted(path.name for path in (run / folder).iterdir())


def agrees(run):
    """Whether every file lies where its row says, and no other is there."""
    paths = sorted(row["path"] for row in PICTURES.read(str(run)).to_pylist())
    found = [f"{f}/{n}" for f in ("filtered_pictures", "pictures") for n in files(run, f)]
    return paths == found


def test_the_table_has_dropped_ones_with_reason_and_scores(made):
    (dark,) = (row for row in PICTURES.read(str(made)).to_pylist() if not row["keep"])
    assert (dark["drop_stage"], dark["drop_reason"]) == ("exposure", "brightness 0.0118 < 0.1")
    assert dark["brightness"] == pytest.approx(3 / 255)
    assert agrees(made)


def test_a_condition_drops_and_moves(pictures):
    run, call = pictures
    found = call("filter", str(run), "--where", "brightness > 2", "--apply")
    assert (found["kept"], found["moved"]) == (0, 4)
    assert agrees(run)


def test_without_apply_nothing_changes(pictures):
    run, call = pictures
    before = (run / "pictures.parquet").read_bytes()
    assert call("filter", str(run), "--where", "brightness > 2")["dropped"] == 5
    assert (run / "pictures.parquet").read_bytes() == before


def test_restore_brings_back_what_was_dropped_by_scores(pictures):
    run, call = pictures
    assert (
        call("filter", str(run), "--where", "brightness > 0", "--restore", "--apply")["back"] == 1
    )
    assert names(run, keep=False) == []
    assert agrees(run)


def test_near_duplicates_go_and_do_not_come_back_by_scores(pictures):
    run, call = pictures
    found = call("dedup", str(run), "--eps", "0.05", "--apply")
    assert (found["pictures"], found["duplicates"], found["moved"]) == (4, 1, 1)
    assert len(names(run, keep=True)) == 3
    assert agrees(run)
    call("filter", str(run), "--where", "brightness > 0", "--restore", "--apply")
    assert len(names(run, keep=True)) == 4
    assert pq.read_table(run / "duplicates.parquet").num_rows == 1


def test_search_finds_the_twin(pictures):
    run, call = pictures
    rows = {
        row["source"].rpartition("/")[2]: row["uuid"] for row in PICTURES.read(str(run)).to_pylist()
    }
    found = call("search", str(run), rows["a.png"], "--top", "2")["pictures"]
    assert {row["uuid"] for row in found} == {rows["a.png"], rows["a2.png"]}


def test_a_query_that_is_nothing_is_one_line(pictures):
    run, call = pictures
    assert "'boat' is no id of pictures" in call("search", str(run), "boat", code=2)


def test_the_page_has_numbers_examples_and_a_chart(pictures):
    run, call = pictures
    (run / "report.html").unlink()
    call("report", str(run))
    page = (run / "report.html").read_text(encoding="utf-8")
    text = Page(page).text
    assert "exposure" in text
    assert "brightness &lt; 0.1" in page
    assert page.count("data:image/webp") == 5
    assert 'class="chart"' in page


def test_a_folder_that_is_no_run_is_refused(pictures, tmp_path):
    _, call = pictures
    for words in (["filter", "--where", "brightness > 0"], ["dedup"], ["report"]):
        assert "run.json" in call(words[0], str(tmp_path), *words[1:], code=2)
