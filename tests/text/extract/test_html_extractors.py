"""Main texts of pages, by each library."""

import pytest
from web_pages import LONG, html

from curator_text.extract.html_extractors import (
    EXTRACTORS,
    JusTextExtractor,
    ResiliparseExtractor,
    TrafilaturaExtractor,
)
from curator_text.extract.stop_words import stop_words

PAGE = html(LONG * 3)
ENGLISH = stop_words("English")


@pytest.mark.parametrize("name", EXTRACTORS)
def test_the_article_is_kept_and_the_menu_is_not(name):
    text = "\n".join(EXTRACTORS[name]().extract_text(PAGE, ENGLISH, "ENGLISH") or [])
    assert "boats that had come in" in text
    assert "About us" not in text


@pytest.mark.parametrize(
    "made", [ResiliparseExtractor(), TrafilaturaExtractor(), JusTextExtractor()]
)
def test_a_page_without_text_gives_none(made):
    assert made.extract_text("<html><body></body></html>") is None


@pytest.mark.parametrize("kind", [ResiliparseExtractor, TrafilaturaExtractor])
def test_paragraphs_of_few_frequent_words_go_where_words_are_given(kind):
    page = html(
        LONG * 3 + "\nBerlin Paris London Tokyo Sydney Cairo Lima Oslo Rome Madrid Vienna Prague"
    )
    assert "Lima" in "\n".join(kind(0.32).extract_text(page))
    assert "Lima" not in "\n".join(kind(0.32).extract_text(page, ENGLISH, "ENGLISH") or [])
    assert "Lima" in "\n".join(kind(0.32).extract_text(page, ENGLISH, "THAI"))


def test_the_settings_reach_the_library():
    assert TrafilaturaExtractor(max_tree_size=1).extract_text(html(LONG + "\n" + LONG)) is None
    assert TrafilaturaExtractor(min_output_size=100_000).extract_text(PAGE) is None
    kept = JusTextExtractor(is_boilerplate=False).extract_text(PAGE, ENGLISH, "ENGLISH")
    assert "Home" in " ".join(kept or [])


def test_justext_without_a_list_goes_by_lengths_and_links():
    text = " ".join(JusTextExtractor().extract_text(PAGE) or [])
    assert "boats" in text
    assert "About us" not in text
