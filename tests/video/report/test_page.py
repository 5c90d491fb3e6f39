"""The page of a run: the numbers of its files, and nothing of a file's name that could act."""

import json
from dataclasses import replace
from functools import partial

import pytest
from pages import ATTACK, TAGS, Page, is_strict
from video.media import draw_video
from video.runs import HOSTILE, SIZE, split

from curator_engine.commands.cli import Console
from curator_engine.commands.item_jobs import filter_items
from curator_video.clips.clip_table import CLIPS
from curator_video.commands.clip_app import CLIP_APP
from curator_video.pipelines.split import SplitWorkflow
from curator_video.report.data import gather
from curator_video.report.page import page_of
from curator_video.result_settings import FilterSettings

filter_clips = partial(filter_items, CLIP_APP)

TOTALS = (
    *("num_processed_videos", "num_quarantined_videos", "total_video_duration", "total_num_clips"),
    *("total_num_clips_passed", "total_clip_duration", "times_real_time"),
)


def expected_numbers(out):
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    numbers = {name: summary[name] for name in TOTALS}
    numbers["total_time"] = record["facts"]["total_time"]
    stages = record["steps"]["split"]["stages"]
    return numbers | {f"seconds-{stage['name']}": stage["seconds"] for stage in stages}


@pytest.fixture(scope="module")
def page(finished_run):
    return Page((finished_run / "report.html").read_text(encoding="utf-8"))


def test_the_numbers_are_those_of_the_files(page, finished_run):
    expected = expected_numbers(finished_run)
    assert {name: page.numbers[name] for name in expected} == expected


def test_nothing_of_a_name_becomes_a_tag_or_a_handler(page):
    assert set(page.tags) <= TAGS | {"a", "b", "figure", "figcaption", "img"}
    assert not page.handlers


def test_a_name_is_shown_as_it_is(page):
    assert HOSTILE in page.text


def test_nothing_is_loaded_from_elsewhere(page):
    loaded = [value for value in page.sources if value not in page.links]
    assert loaded
    assert all(value.startswith("data:image/webp;base64,") for value in loaded)
    assert is_strict(page.policy)


def test_each_clip_on_the_page_can_be_played_from_it(page, finished_run):
    paths = CLIPS.read(str(finished_run)).column("path").to_pylist()
    assert sorted(page.links) == sorted(map(str, paths))
    assert all((finished_run / link).is_file() for link in page.links)


def test_what_is_unusual_but_no_failure_is_not_among_the_errors(tmp_path):
    draw_video(tmp_path / "in.mp4", [(1, 12)], size=SIZE)
    split(tmp_path / "in.mp4", tmp_path / "out")
    text = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8")).text
    assert "none of 1 shots is long enough" in text
    assert "could not be read or made" not in text


def test_a_package_that_is_not_installed_is_a_note_and_no_alarm(finished_run):
    data = gather(str(finished_run))
    note = "shots are found without TransNetV2, because torch is not installed"
    record = {**data.items.record, "facts": {"notes": [note]}}
    text = page_of(replace(data, items=replace(data.items, record=record)))
    assert note in text
    assert 'class="alarms"' not in text


def test_reasons_and_errors_are_told(own_run):
    settings = FilterSettings(inputs=[str(own_run)], where="duration > 1000", apply=True)
    filter_clips(settings, Console(quiet=True))
    text = Page((own_run / "report.html").read_text(encoding="utf-8")).text
    assert "not duration > 1000" in text
    assert "broken.mp4" in text


def test_a_page_that_cannot_be_made_is_a_line(tmp_path):
    assert "was not written" in str(SplitWorkflow.page_of(str(tmp_path)))


@pytest.fixture(scope="module")
def shown(browser, finished_run, tmp_path_factory):
    return browser(finished_run / "report.html", tmp_path_factory.mktemp("profile"))


@pytest.mark.slow
def test_a_browser_shows_the_numbers_of_the_files(shown, finished_run):
    expected = expected_numbers(finished_run)
    numbers = Page(shown).numbers
    assert {name: numbers[name] for name in expected} == expected


@pytest.mark.slow
def test_no_script_of_a_name_runs(shown):
    assert ATTACK in Page(shown).text
    assert not Page(shown).is_harmed


NARROW = """
<iframe id="phone" width="390" height="800" src="report.html"></iframe>
<script>
addEventListener("load", () => {
  const page = document.getElementById("phone").contentDocument;
  const cells = [...page.querySelectorAll("td, th")].filter(cell => cell.textContent.length > 3);
  const lines = cells.map(cell => {
    const range = page.createRange();
    range.selectNodeContents(cell);
    return cell.textContent.length / new Set([...range.getClientRects()].map(r => r.top)).size;
  });
  const wide = page.documentElement.scrollWidth;
  document.body.innerHTML = `<data id="wide" value="${wide}"></data>
    <data id="cells" value="${cells.length}"></data>
    <data id="letters" value="${Math.min(...lines)}"></data>`;
});
</script>
"""
"""Looks at the page as on a telephone: letters per line where there are fewest."""


@pytest.mark.slow
def test_on_a_telephone_nothing_breaks_into_letters_or_sticks_out(browser, own_run, tmp_path):
    (own_run / "phone.html").write_text(NARROW, encoding="utf-8")
    numbers = Page(browser(own_run / "phone.html", tmp_path / "profile")).numbers
    assert numbers["cells"] > 20
    assert numbers["letters"] >= 4
    assert numbers["wide"] <= 390
