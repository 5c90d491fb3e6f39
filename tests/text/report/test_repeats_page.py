"""The page of runs of `substring` and `lines`."""

from pages import ATTACK, Page
from repeat_toys import lines_into
from text_toys import write_jsonl

from curator_text.removal.run_folder import open_run
from curator_text.report.repeats_page import most_repeated


def test_what_takes_most_comes_first_and_is_escaped(tmp_path):
    often, rare = "<script>alert(1)</script> menu", "a line that comes twice here"
    texts = [f"{often}\n{i}" for i in range(5)] + [f"{rare}\n{i}" for i in range(2)]
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    lines_into(source, tmp_path / "out", max_times=1)
    first, second = most_repeated(open_run(str(tmp_path / "out")), 5)
    assert (first.text, first.spans, first.row) == (f"{often}\n", 4, 0)
    assert (second.text, second.spans) == (f"{rare}\n", 1)
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; menu" in page
    assert "<script>alert" not in page


def test_a_run_in_which_nothing_repeats_has_a_page(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": "only one line is here"}])
    lines_into(source, tmp_path / "out")
    assert "Nothing repeats." in (tmp_path / "out/report.html").read_text(encoding="utf-8")


def test_a_browser_shows_the_numbers_and_runs_no_script(browser, tmp_path):
    texts = [f"<script>{ATTACK}</script> comes again\n{i}" for i in range(4)]
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": text} for text in texts])
    facts = lines_into(source, tmp_path / "out", max_times=1)
    shown = Page(browser(tmp_path / "out/report.html", tmp_path / "profile"))
    assert not shown.is_harmed
    names = ("num_documents", "num_removed", "passages", "repeated_bytes", "changed")
    assert {name: shown.numbers[name] for name in names} == {name: facts[name] for name in names}
