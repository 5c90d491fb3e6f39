"""The page of a run that filters: the numbers of `run.json`, and nothing of a document that could act."""

import json

import pytest
from filter_toys import ROWS, filter_into, keeps, toy_recipe
from pages import ATTACK, SCRIPT, TAGS, Page, is_strict
from text_toys import write_jsonl

HOSTILE = [
    SCRIPT,
    f"</textarea></style></title>{SCRIPT}",
    f'<img src=x onerror="{ATTACK}">',
    f"\"'>{SCRIPT} &lt;b&gt; \x00 \u202e",
]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A run on documents of which some try to act, in text, id and file name."""
    folder = tmp_path_factory.mktemp("page")
    rows = [*ROWS, *({"id": f"h{k} {a}", "text": f"{a}!!!"} for k, a in enumerate(HOSTILE))]
    path = folder / "in/<script>alert(1)<!--.jsonl"
    write_jsonl(path, rows)
    with path.open("a", encoding="utf-8") as file:
        file.write("{bad\n")
    filter_into(path.parent, folder / "out", id_field="id", where="row < 64")
    return folder / "out"


@pytest.fixture(scope="module")
def facts(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))["facts"]


@pytest.fixture(scope="module")
def page(out):
    return Page((out / "report.html").read_text(encoding="utf-8"))


def expected_numbers(facts):
    numbers = {name: facts[name] for name in ("num_documents", "num_removed", "quarantined")}
    numbers["kept"] = facts["num_documents"] - facts["num_removed"]
    return numbers | {f"dropped-{rule}": count for rule, count in facts["rules"].items()}


def test_the_numbers_are_those_of_the_record(page, facts):
    expected = expected_numbers(facts)
    assert {name: page.numbers[name] for name in expected} == expected


def test_nothing_of_a_document_becomes_a_tag_or_a_handler(page):
    assert set(page.tags) <= TAGS | {"article", "strong"}
    assert not page.handlers
    assert not page.sources
    assert is_strict(page.policy)


def test_what_a_rule_drops_is_shown_as_text_with_its_reason(page):
    assert SCRIPT in page.text
    assert "<script>alert(1)<!--.jsonl" in page.text
    assert "marks 3 > 1" in page.text


def test_the_page_says_how_words_are_found(page):
    assert "Words are what lies between white space, in any language." in page.text


def test_each_rule_has_its_threshold_and_a_table_of_moved_ones(page):
    assert "keeps at least 3" in page.text
    assert page.text.count("Kept if moved") == 2


def test_a_run_that_only_scores_says_would(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    filter_into(source, tmp_path / "out", score_only=True)
    text = Page((tmp_path / "out/report.html").read_text(encoding="utf-8")).text
    assert "would be dropped" in text
    assert "loses" not in "".join(text.split("Losses by source")[:1])
    assert sum(not keeps(row) for row in ROWS) > 0


def test_a_large_run_makes_no_large_page(tmp_path):
    rows = [{"text": "long " * (i % 900)} for i in range(1500)]
    filter_into(
        write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", recipe=toy_recipe(least=800)
    )
    assert (tmp_path / "out/report.html").stat().st_size < 100_000


@pytest.mark.slow
def test_a_browser_shows_the_numbers_and_runs_no_script(browser, out, facts, tmp_path):
    shown = Page(browser(out / "report.html", tmp_path))
    expected = expected_numbers(facts)
    assert {name: shown.numbers[name] for name in expected} == expected
    assert ATTACK in shown.text
    assert not shown.is_harmed


def test_a_threshold_beyond_all_scores_stands_at_the_border(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", ROWS)
    filter_into(source, tmp_path / "out", recipe=toy_recipe(least=5000), score_only=True)
    text = Page((tmp_path / "out/report.html").read_text(encoding="utf-8")).text
    assert "5,000 \u2192" in text
