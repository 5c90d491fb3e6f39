"""What pages say of themselves."""

import pytest
from web_pages import html

from curator_text.extract.page_facts import MOST_LINKS, day_of, page_facts


@pytest.mark.parametrize(
    ("extra", "day"),
    [
        ('<meta property="article:published_time" content="2024-3-28T10:00:00Z">', "2024-03-28"),
        ('<meta name="citation_date" content="2023/12/01">', "2023-12-01"),
        (
            '<script type="application/ld+json">{"@type": "Article", "datePublished": "2020-02-29"}</script>',
            "2020-02-29",
        ),
        ('<meta name="date" content="some day">', ""),
        ("", ""),
    ],
)
def test_the_day_of_publication(extra, day):
    assert page_facts(html("x", extra=extra)).date == day


def test_a_day_that_no_month_has_is_none():
    assert day_of("2023-02-29") == ""


def test_links_are_absolute_once_and_of_the_web():
    anchors = (
        "<a href='/a?x=1&amp;y=2#top'>a</a><a href='/a?x=1&amp;y=2'>b</a><a href=\"https://b.example/c\">c</a>"
        "<a href=mailto:x@y.example>d</a><a href='javascript:x()'>e</a><a href='#f'>f</a><a href='http://[bad'>g</a>"
        "<!-- <a href='/hidden'>h</a> --><script>'<a href=\"/script\">'</script>"
    )
    found = page_facts(f"<body>{anchors}</body>", url="https://a.example/dir/page")
    assert found.links == ("https://a.example/a?x=1&y=2", "https://b.example/c")


def test_a_base_and_a_canonical_address_count():
    page = "<head><base href='https://c.example/x/'><link rel=canonical href='https://d.example/page'></head><a href=y>y</a>"
    found = page_facts(page, url="https://a.example/")
    assert (found.url, found.links) == ("https://d.example/page", ("https://c.example/x/y",))


def test_links_of_a_farm_are_bounded():
    page = "".join(f"<a href='/{n}'>{n}</a>" for n in range(2 * MOST_LINKS))
    assert len(page_facts(page, url="https://a.example/").links) == MOST_LINKS


def test_the_title_is_one_line():
    assert page_facts("<title> Two\n  lines </title>").title == "Two lines"
    assert page_facts('<meta property="og:title" content="Shared">').title == "Shared"
