"""The page of a run: the numbers of its files, and nothing of a file's name that could act."""

import json
from html.parser import HTMLParser

import pytest
from video.runs import ATTACK, HOSTILE

from curator_engine.cli import Console
from curator_video.filter_command import run as filter_clips
from curator_video.report_page import try_report
from curator_video.settings import FilterSettings

TOTALS = (
    *("num_processed_videos", "num_quarantined_videos", "total_video_duration", "total_num_clips"),
    *("total_num_clips_passed", "total_clip_duration", "times_real_time"),
)


class Page(HTMLParser):
    """Tags, attributes, numbers and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.numbers, self.texts = [], [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "data":
            self.numbers[dict(attrs)["id"]] = float(dict(attrs)["value"] or "nan")

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)


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
    allowed = {"html", "head", "meta", "title", "style", "body", "main", "header", "section"}
    allowed |= {"h1", "h2", "h3", "p", "span", "code", "aside", "ul", "li", "dl", "div", "dt", "dd"}
    allowed |= {"data", "svg", "rect", "line", "text", "polyline", "details", "summary", "bdi", "b"}
    allowed |= {"figure", "figcaption", "img", "table", "thead", "tbody", "tr", "th", "td"}
    assert set(page.tags) <= allowed
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]


def test_a_name_is_shown_as_it_is(page):
    assert HOSTILE in page.text


def test_nothing_is_loaded_from_elsewhere(page):
    sources = [value for name, value in page.attributes if name in ("src", "href")]
    assert sources
    assert all(value.startswith("data:image/webp;base64,") for value in sources)
    policy = next(v for n, v in page.attributes if n == "content" and "default-src" in v)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


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
    assert "data-harm" not in dict(Page(shown).attributes)


@pytest.mark.slow
def test_a_script_that_ran_would_be_seen(browser, tmp_path):
    path = tmp_path / "control.html"
    path.write_text(f"<!doctype html><p>x</p>{HOSTILE}", encoding="utf-8")
    assert "data-harm" in dict(Page(browser(path, tmp_path / "profile")).attributes)
