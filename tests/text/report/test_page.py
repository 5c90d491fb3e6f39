"""The page of a run: the numbers of `run.json`, and nothing of a document that could act."""

import json

import pytest
from pages import ATTACK, SCRIPT, TAGS, Page, is_strict
from text_toys import deduplicate, edited, sentence, write_jsonl

from curator_engine.report.html_page import try_page
from curator_text.report.page import build_page

HOSTILE = [
    SCRIPT,
    f"</textarea></style></title>{SCRIPT}",
    f'<img src=x onerror="{ATTACK}"><svg onload="{ATTACK}">',
    f"\"'>{SCRIPT} &lt;b&gt; \x00 \u202e",
]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run on documents of which some try to act, in text, id and file name."""
    folder = tmp_path_factory.mktemp("report")
    rows = [{"id": f"single{k}", "text": sentence(k)} for k in range(20)]
    for k, attack in enumerate(HOSTILE):
        text = f"{sentence(900 + k)} {attack}"
        near = f"{attack} {edited(text, 1, seed=k)}"
        rows += [{"id": f"h{k} {attack}", "text": text}, {"id": f"n{k} {attack}", "text": near}]
    rows += [{"id": f"copy{k}", "text": sentence(77)} for k in range(80)]
    path = folder / "in/<script>alert(1)<!--.jsonl"
    write_jsonl(path, rows)
    deduplicate(str(path.parent), folder / "out", id_field="id", threshold=0.6)
    return folder / "out"


@pytest.fixture(scope="module")
def record(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page(out):
    return Page((out / "report.html").read_text(encoding="utf-8"))


def expected_numbers(record):
    facts = record["facts"]
    numbers = {n: facts[n] for n in ("num_documents", "num_duplicates", "clusters", "quarantined")}
    numbers["kept"] = facts["num_documents"] - facts["num_duplicates"]
    numbers |= {f"seconds-{name}": step["seconds"] for name, step in record["steps"].items()}
    return numbers | {f"s_curve-{s}": p for s, p in record["s_curve"].items()}


def test_the_numbers_are_those_of_the_record(page, record):
    expected = expected_numbers(record)
    assert {name: page.numbers[name] for name in expected} == expected


def test_nothing_of_a_document_becomes_a_tag_or_a_handler(page):
    assert set(page.tags) <= TAGS | {"article", "ins", "del", "strong"}
    assert not page.handlers


def test_what_documents_try_is_shown_as_text(page):
    assert SCRIPT in page.text
    assert "</textarea></style></title>" in page.text
    assert "<script>alert(1)<!--.jsonl" in page.text


def test_nothing_is_loaded_from_elsewhere(page):
    assert not page.sources
    assert is_strict(page.policy)


def test_an_alarm_names_the_source_that_loses_most(page, record):
    assert record["facts"]["alarms"][0] in page.text
    assert ("class", "alarms") in page.attributes
    assert "loses most" in page.text


def test_the_losses_are_of_the_source_field_where_there_is_one(tmp_path):
    rows = [{"site": "alpha", "text": sentence(1)}, {"site": "beta", "text": sentence(1)}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    deduplicate(source, tmp_path / "out", source_field="site")
    text = Page((tmp_path / "out/report.html").read_text(encoding="utf-8")).text
    assert "What each value of the field site loses" in text
    assert "beta" in text


def test_a_run_without_removal_has_a_page(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": sentence(1)}] * 2)
    deduplicate(source, tmp_path / "out", perform_removal=False)
    assert (tmp_path / "out/report.html").exists()


def test_the_record_of_another_job_has_a_page(tmp_path):
    facts = {"num_documents": 5, "num_duplicates": 2}
    record = {"job": "exact", "status": "done", "settings": {}, "facts": facts}
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert Page(build_page(str(tmp_path))).numbers == {
        "num_documents": 5,
        "num_duplicates": 2,
        "kept": 3,
    }


def test_a_page_that_cannot_be_made_is_a_line(tmp_path):
    assert "holds no run.json" in str(try_page(build_page, str(tmp_path)))


def test_a_large_run_makes_no_large_page(tmp_path):
    rows = [{"id": str(k), "text": sentence(k % 150, words=400)} for k in range(450)]
    deduplicate(write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", id_field="id")
    assert (tmp_path / "out/report.html").stat().st_size < 200_000


@pytest.fixture(scope="module")
def shown(browser, out, tmp_path_factory):
    return browser(out / "report.html", tmp_path_factory.mktemp("profile"))


@pytest.mark.slow
def test_a_browser_shows_the_numbers_of_the_record(shown, record):
    expected = expected_numbers(record)
    numbers = Page(shown).numbers
    assert {name: numbers[name] for name in expected} == expected


@pytest.mark.slow
def test_no_script_of_a_document_runs(shown):
    assert ATTACK in Page(shown).text
    assert not Page(shown).is_harmed
