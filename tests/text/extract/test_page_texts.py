"""A page's bytes into a document."""

import gzip

import pytest
from web_pages import LONG, html, paper, pdf, tar

from curator_text.extract import page_texts
from curator_text.extract.page_texts import Page, Wanted, extract, sniffed, source_files

FAST = Wanted(extractor="resiliparse")


def made(data, kind="", wanted=FAST, **about):
    return extract(Page(kind=kind, data=data, **about), wanted)


@pytest.mark.parametrize("extractor", ["resiliparse", "trafilatura", "justext"])
def test_a_page_becomes_a_document(extractor):
    found = made(
        html(LONG * 3).encode(), wanted=Wanted(extractor=extractor), url="http://a.example/x"
    )
    assert "boats that had come in" in found.text
    assert (found.title, found.language, found.encoding, found.kind) == (
        "A page",
        "eng",
        "utf-8",
        "html",
    )
    assert found.links == ("http://a.example/", "http://a.example/about")
    assert not found.reason


def test_links_are_left_out_where_they_are_not_wanted():
    assert (
        made(html(LONG).encode(), wanted=Wanted(extractor="resiliparse", links=False)).links == ()
    )


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (b"", "", "not HTML"),
        (b'{"json": 1}', "", "not HTML"),
        (b"\x89PNG\r\n\x1a\n<html>", "", "not HTML"),
        (b"<html>" + bytes(range(256)) * 40, "", "not a text in any known encoding"),
        (b"<html><body><script>x</script></body></html>", "", "no main text"),
        (
            b"%PDF-1.4 nothing",
            "",
            "no PDF that can be read (Failed to load document (PDFium: Data format error).)",
        ),
        (b"only words", "tex", "no LaTeX"),
        (
            b"\x1f\x8bnothing",
            "tex",
            "no sources that can be read (Error -3 while decompressing data: unknown compression method)",
        ),
        (b"#REDIRECT [[x]]", "wiki", "a redirect"),
    ],
)
def test_what_is_no_document_has_a_reason(data, kind, reason):
    found = made(data, kind)
    assert (found.reason, found.text) == (reason, "")


def test_short_texts_go_where_that_is_asked_for():
    assert (
        made(html("Short.").encode(), wanted=Wanted(extractor="resiliparse", min_chars=50)).reason
        == "too short"
    )


def test_pages_about_mathematics_are_chosen_by_their_formulas():
    page = html('So <math alttext="x^2"></math> and $y$ are it.').encode()
    maths = Wanted(extractor="math", min_formulas=2)
    found = made(page, wanted=maths)
    assert ("So $x^2$ and $y$ are it." in found.text, found.formulas) == (True, 2)
    assert made(html(LONG).encode(), wanted=maths).reason == "too few formulas"
    plain = made(page, wanted=Wanted(extractor="resiliparse", min_formulas=1))
    assert (plain.formulas, made(page).formulas) == (1, None)


def test_characters_that_no_text_holds_are_taken_out():
    found = made(b"<html><title>a\x01b</title><body><main><p>one\x02two</p></main></body></html>")
    assert (found.text, found.title) == ("onetwo", "ab")


def test_other_kinds_become_documents():
    assert made(pdf("The harbour was quiet.")).text == "The harbour was quiet."
    assert (
        made(gzip.compress(paper()), "tex").text
        == "Introduction\n\nAn old idea. We call it Harbour, see ."
    )
    assert made(b"A '''bold''' word.", "wiki", title="Harbour").title == "Harbour"
    assert made("Grüße.".encode(), "text").text == "Grüße."


def test_a_tar_of_sources_is_read_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = source_files(tar({"../../climbs.tex": paper(), "/etc/x.tex": b"x", "figure.png": b"x"}))
    assert sorted(found) == ["../../climbs.tex", "/etc/x.tex"]
    assert not list(tmp_path.iterdir())


def test_sources_that_unpack_without_end_are_refused(monkeypatch):
    monkeypatch.setattr(page_texts, "MOST_SOURCE_BYTES", 10_000)
    assert made(gzip.compress(bytes(1_000_000)), "tex").reason.endswith("(larger than any paper)")


@pytest.mark.parametrize(
    ("data", "said", "kind"),
    [
        (b"\xef\xbb\xbf \n<!DOCTYPE html>", "", "html"),
        (b"<!-- x --><div class=a>", "", "html"),
        ("<html>".encode("utf-16-le"), "", "html"),
        (b"plain", "text/html; charset=x", "html"),
        (b"plain", "text/plain", ""),
        (b"%PDF-1.7", "text/html", "pdf"),
    ],
)
def test_a_page_is_known_by_its_first_bytes(data, said, kind):
    assert sniffed(data, said) == kind
