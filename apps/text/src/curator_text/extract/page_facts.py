"""What a page says of itself beside its text: title, date, links, address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

if TYPE_CHECKING:
    from resiliparse.parse.html.tree import HTMLTree

MOST_LINKS = 1000
"""Of a page; farms of links have more."""
_MOST_URL_CHARS = 2000
_TITLES = ('meta[property="og:title"]', 'meta[name="citation_title"]')
_DATES = (
    'meta[property="article:published_time"]',
    'meta[itemprop="datePublished"]',
    'meta[name="citation_publication_date"]',
    'meta[name="citation_date"]',
    'meta[name="dc.date"]',
    'meta[name="DC.date.issued"]',
    'meta[name="date"]',
    'meta[name="pubdate"]',
    'meta[name="publish-date"]',
)
_TIMES = ("time[itemprop=datePublished]", "time[pubdate]", "article time[datetime]")
_DAY = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
# The parser's lists of elements take milliseconds for a page's links; its answers to the same pages are these.
_ANCHOR = re.compile(r"<a\s[^>]*?\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_NOT_SHOWN = re.compile(
    r"<!--.*?-->|<(script|style|template)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL
)
_MOST_SCRIPT_CHARS = 1 << 20


@dataclass(frozen=True, kw_only=True)
class PageFacts:
    """What a page says of itself."""

    title: str = ""
    date: str = ""
    """Day on which it was published, as 2024-03-28; empty if it does not say it."""
    links: tuple[str, ...] = ()
    """Addresses of http and https that it leads to, each once, in order, without fragments."""
    url: str = ""
    """Its canonical address; empty if it does not say it."""


def page_facts(html: str, *, url: str = "") -> PageFacts:
    """What a page says of itself.

    Args:
        html: The page.
        url: Where it was, from which its links count.

    Example:
        >>> page_facts("<title>A page</title><a href='/b'>b</a>", url="https://example.org/a")
        PageFacts(title='A page', date='', links=('https://example.org/b',), url='')
    """
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(html)
    canonical = _absolute(_attribute(tree, 'link[rel="canonical"]', "href"), url)
    base = url or canonical
    return PageFacts(
        title=_title(tree),
        date=_date(tree),
        links=tuple(_links(html, _absolute(_attribute(tree, "base", "href"), base) or base)),
        url=canonical,
    )


def day_of(text: str) -> str:
    """The day that a date begins with, as 2024-03-28; empty if that is none.

    Example:
        >>> day_of("2024-3-28T10:00:00+01:00")
        '2024-03-28'
    """
    found = _DAY.match(text)
    if found is None:
        return ""
    year, month, day = map(int, found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _title(tree: "HTMLTree") -> str:
    named = [tree.title or "", *(_attribute(tree, each, "content") for each in _TITLES)]
    return next((title for each in named if (title := " ".join(each.split()))), "")


def _date(tree: "HTMLTree") -> str:
    said = [_attribute(tree, each, "content") for each in _DATES]
    said += [_attribute(tree, each, "datetime") for each in _TIMES]
    return next(filter(None, map(day_of, said)), "") or _date_in_data(tree)


def _date_in_data(tree: "HTMLTree") -> str:
    """The date in what is written for search engines (JSON-LD)."""
    document = tree.document
    scripts = document.query_selector_all('script[type="application/ld+json"]') if document else ()
    for script in scripts:
        found = _JSON_DATE.search((script.text or "")[:_MOST_SCRIPT_CHARS])
        if found and (day := day_of(found[1])):
            return day
    return ""


def _attribute(tree: "HTMLTree", selector: str, name: str) -> str:
    document = tree.document
    found = document.query_selector(selector) if document else None
    return (found.getattr(name) or "").strip() if found is not None else ""


def _links(html: str, base: str) -> Iterator[str]:
    seen = set[str]()
    for found in _ANCHOR.finditer(_NOT_SHOWN.sub("", html)):
        link = _absolute(unescape(found[1] or found[2] or found[3] or ""), base)
        if link and link not in seen:
            seen.add(link)
            yield link
        if len(seen) == MOST_LINKS:
            return


def _absolute(link: str, base: str) -> str:
    """The address that a link leads to; empty if it is none of the web."""
    link = link.strip()
    if not link or link.startswith("#"):
        return ""
    try:
        whole = urldefrag(urljoin(base, link)).url
        parts = urlsplit(whole)
    except ValueError:
        return ""
    is_web = parts.scheme in ("http", "https") and parts.netloc and len(whole) <= _MOST_URL_CHARS
    return whole if is_web and whole.isprintable() else ""
