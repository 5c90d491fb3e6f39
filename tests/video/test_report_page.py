"""The page of a run: the numbers of its files, and nothing of a file's name that could act."""

import json

import pytest
from pages import ATTACK, TAGS, Page, is_strict
from video.runs import HOSTILE

from curator_engine.cli import Console
from curator_video.filter_command import run as filter_clips
from curator_video.report_page import try_report
from curator_video.settings import FilterSettings

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
    assert set(page.tags) <= TAGS | {"b", "figure", "figcaption", "img"}
    assert not page.handlers


def test_a_name_is_shown_as_it_is(page):
    assert HOSTILE in page.text


def test_nothing_is_loaded_from_elsewhere(page):
    assert page.sources
    assert all(value.startswith("data:image/webp;base64,") for value in page.sources)
    assert is_strict(page.policy)


def test_reasons_and_errors_are_told(own_run):
    settings = FilterSettings(inputs=[str(own_run)], where="duration > 1000", apply=True)
    filter_clips(settings, Console(quiet=True))
    text = Page((own_run / "report.html").read_text(encoding="utf-8")).text
    assert "not duration > 1000" in text
    assert "broken.mp4" in text


def test_a_page_that_cannot_be_made_is_a_line(tmp_path):
    assert "was not written" in str(try_report(str(tmp_path)))


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
