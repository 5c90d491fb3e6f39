"""How often does each detector tell the language, and how fast, on texts that are the declaration of human rights and on others?

Whole declarations and single paragraphs of it, film reviews, web pages that say their language, and translations of
programs' messages on this machine. Where a file of texts is not there, its line is left out and said.
"""

import gettext
import gzip
import itertools
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np

from curator_text.language.codes import normalized
from curator_text.language.detectors import Detector, DetectorName, make_detector

DATA = Path(__file__).parent.parent.parent / "shared/data/text"
DETECTORS: tuple[DetectorName, ...] = ("pycld2", "py3langid", "eldc")
_LOCALES = Path("/usr/share/locale")
_LEAST = {"whole": 0.93, "paragraphs": 0.92, "reviews": 0.99}
"""Of the default, pycld2, over its own languages: wanted."""
_LEAST_SPEED = 5.0
"""MB per CPU-second of the default."""
_PARAGRAPHS, _LEAST_LETTERS, _LEAST_TEXT = 12, 20, 300
_REVIEWS, _MESSAGES, _MOST_MESSAGES = 300, 5, 30
"""Reviews; messages that are one text; texts of a language."""
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_LANG = re.compile(r"<html[^>]*\blang=[\"']?([A-Za-z]{2,3})\b", re.IGNORECASE)
type Texts = list[tuple[str, str]]
"""Languages and texts."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How a detector does on some texts."""

    macro: float
    """Mean over languages that it knows of the share that is right."""
    everywhere: float
    """Mean over all languages."""
    known: int
    """Languages that it knows."""
    languages: int
    speed: float
    """MB per CPU-second."""
    shares: dict[str, float]
    """Of languages that it knows, what is right."""


def run(folder: Path, *, quick: bool) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: Not used.
        quick: Every fifth text only.
    """
    del folder
    wrong = list[str]()
    kinds: dict[str, Callable[[], Texts]] = {
        "whole": declarations,
        "paragraphs": paragraphs,
        "reviews": reviews,
        "web pages": web_pages,
        "messages": messages,
    }
    print("langid: right, mean over languages")
    for kind, get in kinds.items():
        texts = get()[:: 5 if quick else 1]
        if not texts:
            print(f"  {kind}: not measured, there are no such texts here")
            continue
        size = sum(len(text.encode()) for _, text in texts) / 1e6
        print(f"  {kind}: {len(texts):,} texts, {size:.1f} MB")
        for name in DETECTORS:
            rate = measure(make_detector(name, model=None, reliable=False), texts)
            print(
                f"    {name:10} {rate.macro:.3f} of {rate.known} languages that it knows, {rate.everywhere:.3f} "
                f"of all {rate.languages}; {rate.speed:.1f} MB per CPU-second"
            )
            worst = sorted(rate.shares.items(), key=lambda each: each[1])
            some = ", ".join(f"{code} {share:.2f}" for code, share in worst if share < 0.9)
            print(f"      below 0.9: {some or 'none'}")
            if name == DETECTORS[0] and not quick:
                wrong += _judged(kind, rate)
    return wrong


def _judged(kind: str, rate: Rate) -> list[str]:
    least = _LEAST.get(kind, 0.0)
    wrong = [f"langid: {rate.macro:.3f} of {kind}, not {least}"] if rate.macro < least else []
    if rate.speed < _LEAST_SPEED and kind != "messages":
        wrong.append(f"langid: {rate.speed:.1f} MB per CPU-second of {kind}")
    return wrong


def measure(detector: Detector, texts: Texts) -> Rate:
    """How a detector does."""
    detector.detect(texts[0][1])
    start = time.process_time()
    found = [detector.detect(text).language for _, text in texts]
    seconds = time.process_time() - start
    right: dict[str, list[bool]] = {}
    for (language, _), said in zip(texts, found, strict=True):
        right.setdefault(language, []).append(said == language)
    shares = {language: float(np.mean(each)) for language, each in sorted(right.items())}
    own = {code: share for code, share in shares.items() if code in detector.languages()}
    return Rate(
        macro=float(np.mean([*own.values()])) if own else 0.0,
        everywhere=float(np.mean([*shares.values()])),
        known=len(own),
        languages=len(shares),
        speed=sum(len(text.encode()) for _, text in texts) / 1e6 / max(seconds, 1e-9),
        shares=own,
    )


def declarations() -> Texts:
    """The declaration of human rights, in each language that is there."""
    found: Texts = []
    for name, text in zipped("udhr2.zip"):
        code = Path(name).stem.partition("_")[0]
        if code.isalpha() and len(text) >= _LEAST_TEXT:
            found.append((normalized(code)[0], text))
    return found


def paragraphs() -> Texts:
    """Some paragraphs of each."""
    return [
        (language, line)
        for language, text in declarations()
        for line in [
            line.strip() for line in text.splitlines() if _letters(line) >= _LEAST_LETTERS
        ][:_PARAGRAPHS]
    ]


def reviews(most: int = _REVIEWS) -> Texts:
    """Film reviews in English, about so many at most."""
    texts = [text for _, text in zipped("movie_reviews.zip", most=most)][:most]
    return [("eng", text) for text in texts]


def web_pages() -> Texts:
    """Pages of sample crawls that say their language, without tags."""
    found: Texts = []
    for path in sorted(DATA.glob("*.warc.gz")):
        for record in re.split(rb"WARC/1\.[01]\r\n", gzip.decompress(path.read_bytes())):
            if b"WARC-Type: response" not in record:
                continue
            page = record.split(b"\r\n\r\n", 2)[-1].decode("utf-8", "replace")
            said = _LANG.search(page)
            text = " ".join(unescape(_TAG.sub(" ", page)).split())
            if said and len(text) >= _LEAST_TEXT:
                found.append((normalized(said[1])[0], text))
    return found


def messages() -> Texts:
    """Translations of programs' messages, some joined to a text."""
    found: Texts = []
    for folder in sorted(_LOCALES.glob("*/LC_MESSAGES")):
        language = normalized(re.split(r"[_@.]", folder.parent.name)[0])[0]
        texts = list(itertools.islice(_joined(folder), _MOST_MESSAGES))
        found += [(language, text) for text in texts]
    return found


def _joined(folder: Path) -> Iterator[str]:
    waiting = list[str]()
    for path in sorted(folder.glob("*.mo")):
        for key, value in _catalog(path).items():
            if key and value != key and _letters(value) >= 2 * _LEAST_LETTERS:
                waiting.append(" ".join(value.split()))
                if len(waiting) == _MESSAGES:
                    yield "\n".join(waiting)
                    waiting.clear()


def _catalog(path: Path) -> dict[Any, str]:
    """The messages of a file and their translations; none if it cannot be read."""
    with path.open("rb") as file:
        try:
            return vars(gettext.GNUTranslations(file))["_catalog"]
        except (OSError, ValueError, LookupError):
            return {}


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def zipped(name: str, *, most: int | None = None) -> Iterator[tuple[str, str]]:
    """Names and texts of the text files of an archive, about so many at most; none where it is not there."""
    path = DATA / name
    if not path.exists():
        return
    with zipfile.ZipFile(path) as file:
        names = [each for each in sorted(file.namelist()) if each.endswith(".txt")]
        step = max(1, len(names) // most) if most else 1
        for each in names[::step]:
            yield each, file.read(each).decode("utf-8", "replace")
