"""Which extractor keeps the text of pages and leaves out what stands around it, and how fast?

On 20 web pages that a person has read, beginnings and ends of main blocks must be there, and strings of menus and
footers must not; they are kept as hashes of five tokens, in `extract_pages.json`. On pages that are made here of reviews,
with a menu, a column and a footer, the tokens that are found are compared with those of the review.
"""

import hashlib
import json
import re
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from curator_text.download.warc import CommonCrawlWarcIterator
from curator_text.extract.html_extractors import EXTRACTORS
from curator_text.extract.page_process import answer
from curator_text.extract.page_texts import Wanted

DATA = Path(__file__).parent.parent.parent / "shared/data/text"
WARCS = ("sample-0000.warc.gz", "sample-0001.warc.gz")
MARKS = Path(__file__).parent / "extract_pages.json"
GRAM = 5
"""Tokens of a mark."""
_REVIEWS = 60
_LEAST_F1 = 0.95
"""Of the default extractor on made pages: wanted."""
_AROUND = (
    "<nav><ul>"
    + "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(12))
    + "</ul></nav>",
    "<aside class='sidebar'><h3>Most read</h3><ul>"
    + "".join(
        f"<li><a href='/r/{n}'>Another review of the week, number {n}</a></li>" for n in range(8)
    )
    + "</ul></aside><footer><p>Copyright 2024. All rights reserved. <a href='/terms'>Terms of use</a></p></footer>",
)


def run(folder: Path, *, quick: bool) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: Not used.
        quick: A fifth of the made pages only.
    """
    del folder
    if not (DATA / WARCS[0]).exists():
        print("extract: not measured, there are no such pages here")
        return []
    pages = [page for name in WARCS for page in CommonCrawlWarcIterator().iterate(str(DATA / name))]
    marks: dict[str, dict[str, list[str]]] = json.loads(MARKS.read_text(encoding="utf-8"))
    made = made_pages()[:: 5 if quick else 1]
    wrong = list[str]()
    print(f"extract: {len(pages)} web pages, {len(made)} made pages; one process, CPU-seconds")
    for name in EXTRACTORS:
        wanted = Wanted(extractor=name)
        answer({"kind": "html"}, b"<p>x</p>", wanted)
        start = time.process_time()
        texts = [answer({"kind": "", "url": p["url"]}, p["content"], wanted).text for p in pages]
        rate = len(pages) / (time.process_time() - start)
        main, around = found_marks([each["warc_id"] for each in pages], texts, marks)
        scores = [
            f1(answer({"kind": "html"}, html.encode(), wanted).text, text) for html, text in made
        ]
        score = sum(scores) / len(scores)
        print(
            f"  {name:12} {rate:6.0f} pages/CPU-s; of main blocks {main}; of what stands around {around}; "
            f"no text {texts.count('')}; made pages F1 {score:.4f}, least {min(scores):.4f}"
        )
        if name == Wanted().extractor and score < _LEAST_F1:
            wrong.append(
                f"extract: {name} has an F1 of {score:.3f} on made pages, below {_LEAST_F1}"
            )
    return wrong


def found_marks(
    ids: list[str], texts: list[str], marks: dict[str, dict[str, list[str]]]
) -> tuple[str, str]:
    """How many marks of main blocks and of what stands around them are in the texts."""
    counts = Counter[str]()
    for page, text in zip(ids, texts, strict=True):
        there = grams(text)
        for kind, hashes in marks.get(page, {}).items():
            counts[kind] += len(hashes)
            counts[f"{kind} there"] += sum(each in there for each in hashes)
    main, around = (f"{counts[f'{k} there']} of {counts[k]}" for k in ("main", "around"))
    return main, around


def tokens(text: str) -> list[str]:
    """Words in small letters."""
    return re.findall(r"\w+", text.lower())


def grams(text: str) -> set[str]:
    """Hashes of all runs of five tokens."""
    words = tokens(text)
    return {mark(words[i : i + GRAM]) for i in range(len(words) - GRAM + 1)}


def mark(words: list[str]) -> str:
    """The hash of some tokens."""
    return hashlib.blake2b(" ".join(words).encode(), digest_size=8).hexdigest()


def made_pages() -> list[tuple[str, str]]:
    """Pages made of reviews, and the reviews."""
    with zipfile.ZipFile(DATA / "movie_reviews.zip") as file:
        names = sorted(name for name in file.namelist() if name.endswith(".txt") and "cv" in name)
        texts = [file.read(name).decode("utf-8", "replace") for name in names[:_REVIEWS]]
    return [(_page(text), text) for text in texts]


def _page(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    parts = [" ".join(lines[i : i + 4]) for i in range(0, len(lines), 4)]
    body = "".join(f"<p>{part.replace('<', '&lt;')}</p>" for part in parts)
    before, after = _AROUND
    return f"<!DOCTYPE html><html><body>{before}<main><article>{body}</article></main>{after}</body></html>"


def f1(found: str, wanted: str) -> float:
    """Of the tokens, as often as they stand there."""
    a, b = Counter(tokens(found)), Counter(tokens(wanted))
    both = (a & b).total()
    return 2 * both / (a.total() + b.total()) if both else 0.0


def make_marks(chosen: dict[int, Any]) -> dict[str, dict[str, list[str]]]:
    """Marks of chosen strings, by the pages' places; how `extract_pages.json` was made."""
    pages = [page for name in WARCS for page in CommonCrawlWarcIterator().iterate(str(DATA / name))]
    return {
        pages[place]["warc_id"]: {
            "main": [
                mark(each) for text in main for each in (tokens(text)[:GRAM], tokens(text)[-GRAM:])
            ],
            "around": [mark(tokens(text)[:GRAM]) for text in around],
        }
        for place, (main, around) in chosen.items()
    }
