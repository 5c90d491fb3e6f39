"""The parts of a page: escaped, held to a strict policy, and whole."""

import re

import pytest
from pages import ATTACK, SCRIPT, TAGS, Page, is_strict

from curator_engine.errors import StorageError
from curator_engine.report import html_page as parts

HOSTILE = f'</title></style>{SCRIPT}<img src=x onerror="{ATTACK}"> \' \x00 \u202e'


def everything():
    shown = [
        parts.header(HOSTILE, path=HOSTILE, status=HOSTILE, program=HOSTILE, started=HOSTILE),
        parts.alarms([HOSTILE]),
        parts.notes([HOSTILE]),
        parts.cards([("total", parts.number(HOSTILE, 2.5, "2.5"), "")]),
        parts.section(
            "Part", "A lead.", parts.details("More", parts.table(["a"], [[parts.escaped(HOSTILE)]]))
        ),
        parts.settings_section({HOSTILE: HOSTILE, "list": [HOSTILE], "unset": None}),
    ]
    return parts.assemble(HOSTILE, shown, app="curator_text")


def test_no_part_lets_a_text_become_a_tag_or_a_handler():
    page = Page(everything())
    assert set(page.tags) <= TAGS
    assert not page.handlers


def test_a_text_is_shown_as_it_is_but_for_what_cannot_be_seen():
    assert Page(f"<p>{parts.escaped(HOSTILE)}</p>").text == HOSTILE.translate(
        {0: "\ufffd", 0x202E: "\ufffd"}
    )


def test_a_number_is_found_again_by_its_name():
    assert list(Page(everything()).numbers.values()) == [2.5]


def test_the_policy_allows_the_style_and_nothing_else():
    policy = Page(everything()).policy
    assert is_strict(policy)
    assert "img-src" not in policy


def test_pictures_may_lie_in_the_page_only():
    policy = Page(parts.assemble("x", [], app="curator_video", pictures=True)).policy
    assert is_strict(policy)
    assert "img-src data:;" in policy


@pytest.mark.slow
def test_a_browser_runs_no_script_that_was_not_escaped(browser, tmp_path):
    path = tmp_path / parts.PAGE
    page = parts.assemble("x", [f"<p>{SCRIPT}</p>"], app="curator_text")
    path.write_text(page, encoding="utf-8")
    assert not Page(browser(path, tmp_path / "profile")).is_harmed


@pytest.mark.slow
def test_a_script_that_ran_would_be_seen(browser, tmp_path):
    path = tmp_path / parts.PAGE
    path.write_text(f"<!doctype html><p>x</p>{SCRIPT}", encoding="utf-8")
    assert Page(browser(path, tmp_path / "profile")).is_harmed


def test_nothing_to_look_at_is_no_box():
    assert parts.alarms([]) == parts.notes([]) == ""


def test_what_is_only_good_to_know_is_no_alarm():
    assert 'class="alarms"' in parts.alarms(["half of it goes"])
    assert 'class="alarms"' not in parts.notes(["a package is not installed"])


def test_many_notes_are_cut_and_counted():
    text = Page(parts.notes([f"note {k}." for k in range(25)])).text
    assert "note 19." in text
    assert "note 20." not in text
    assert "and 5 more" in text


def test_columns_of_figures_are_marked_in_head_and_body():
    assert parts.table(["a", "b"], [["x", "1"]], numeric=(1,)).count('class="number"') == 2


def test_settings_are_shown_as_they_are_written():
    settings = {"device": "auto", "top": 2, "quiet": True, "inputs": ["a"], "limit": None}
    shown = re.findall(r"<td>(\w+)</td><td><code>(.*?)</code>", parts.settings_section(settings))
    assert dict(shown) == {
        "device": "auto",
        "top": "2",
        "quiet": "true",
        "inputs": "[&quot;a&quot;]",
    }


def test_a_page_with_half_a_character_is_written(tmp_path):
    parts.write(str(tmp_path), "a\ud800b")
    assert (tmp_path / parts.PAGE).read_bytes() == b"a?b"


def test_a_page_that_cannot_be_made_is_a_line(tmp_path):
    def fail(output):
        raise StorageError(f"{output} is\nfull.")

    assert parts.try_to(fail, "out") == "out/report.html was not written: out is full."


def test_a_page_that_is_made_is_no_line():
    assert parts.try_to(lambda output: None, "out") is None
