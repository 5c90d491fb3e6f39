"""The page `report.html` of `curator-audio wer`: rates, by whom, and the texts with the most errors.

All that comes from files is escaped.
"""

import heapq
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pyarrow.parquet as pq

from curator_audio.transcripts.error_rate import edits
from curator_audio.transcripts.normalize import normalize
from curator_engine.files.paths import join
from curator_engine.files.storage import open_read
from curator_engine.report import html_page as page
from curator_engine.running.run_record import read_record

ERRORS, GROUP_RATES = "errors.parquet", "groups.parquet"
"""Files of the run that the page is made of."""
_WORST, _GROUPS = 40, 25
_MAX_WORDS = 120
"""Of a text, shown."""
_COUNTS = ("items", "words", "substitutions", "deletions", "insertions")


def build_wer_page(output: str) -> str:
    """The page as text.

    Raises:
        InputError: Not the folder of a finished run.
    """
    record = read_record(output)
    facts, settings = record.get("facts", {}), record.get("settings", {})
    parts = [
        page.header(
            "Errors of transcripts",
            path=output,
            status=str(record.get("status", "")),
            program=f"curator-audio {record.get('version', '')}",
            started=str(record.get("started", "")),
        ),
        page.cards(_cards(facts)),
        *_groups(output),
        _worst(output, settings),
        page.notes(notes_of(facts)),
        page.settings_section(settings),
    ]
    return page.assemble(f"Errors: {output}", parts, app="curator_audio")


def notes_of(facts: dict[str, Any]) -> list[str]:
    """What the rates leave out, and the notes of the run."""
    lines = [f"{count:,} rows with {why}" for why, count in facts.get("not_compared", {}).items()]
    if unused := facts.get("unused_references"):
        lines.append(f"{unused:,} references of which there is no transcript")
    left_out = [f"{line} are not in the rates" for line in lines]
    return [*left_out, *facts.get("notes", [])]


def percent(rate: float | None) -> str:
    """A rate as people write it."""
    return "none" if rate is None else f"{rate:.2%}"


def _cards(facts: dict[str, Any]) -> list[tuple[str, str, str]]:
    kinds = ", ".join(f"{facts[name]:,} {name}" for name in _COUNTS[2:])
    items, words, right = (facts[name] for name in ("items", "words", "without_errors"))
    return [
        ("texts", page.number("items", items, f"{items:,}"), f"{words:,} words"),
        ("word errors", page.number("wer", facts["wer"] or 0, percent(facts["wer"])), kinds),
        ("character errors", page.number("cer", facts["cer"] or 0, percent(facts["cer"])), ""),
        ("without an error", f"{right:,}", f"{right / max(items, 1):.0%} of the texts"),
    ]


def _groups(output: str) -> Iterator[str]:
    """A table per field, where it has several values."""
    with open_read(join(output, GROUP_RATES)) as file:
        rows = pq.read_table(file).to_pylist()
    for name, members in groupby(rows, key=lambda row: row["field"]):
        found = list(members)
        if len(found) < 2:
            continue
        shown = [
            (
                f"<bdi>{page.escaped(row['value'])}</bdi>",
                *(f"{row[each]:,}" for each in _COUNTS),
                percent(row["wer"]),
                percent(row["cer"]),
            )
            for row in found[:_GROUPS]
        ]
        head = (page.escaped(name), *_COUNTS, "word errors", "character errors")
        lead = "Those with the most errors first."
        if len(found) > _GROUPS:
            lead += f" {_GROUPS} of {len(found):,}; all are in {GROUP_RATES}."
        title = f"By {page.escaped(name)}"
        yield page.section(title, lead, page.table(head, shown, numeric=range(1, 8)))


def _worst(output: str, settings: dict[str, Any]) -> str:
    rows = heapq.nlargest(
        _WORST, _compared(output), key=lambda row: (_errors(row), row["wer"] or 0)
    )
    rows = [row for row in rows if _errors(row)]
    if not rows:
        return page.section("Texts with errors", "No text has an error.", "")
    shown = [
        (
            f"<bdi>{page.escaped(row['id'] or row['source'] + '#' + str(row['row']))}</bdi>",
            f"{_errors(row):,}",
            f"{row['words']:,}",
            percent(row["wer"]),
            f'<p class="said"><bdi>{_marked(row, settings)}</bdi></p>',
        )
        for row in rows
    ]
    lead = (
        "Those with the most errors, which cost the rate most: words that were said are "
        "<del>struck out</del> where others were <ins>written</ins> in their place."
    )
    head = ("text", "errors", "words", "word errors", "what was said and written")
    table = page.table(head, shown, numeric=(1, 2, 3))
    return page.section("Texts with errors", lead, table)


def _compared(output: str) -> Iterator[dict[str, Any]]:
    """Rows that were compared, some in memory at a time."""
    with open_read(join(output, ERRORS)) as file:
        for batch in pq.ParquetFile(file).iter_batches(4096, use_threads=False):
            yield from (row for row in batch.to_pylist() if not row["problem"])


def _errors(row: dict[str, Any]) -> int:
    return int(row["substitutions"] + row["deletions"] + row["insertions"])


def _marked(row: dict[str, Any], settings: dict[str, Any]) -> str:
    """A text with its errors, as HTML."""
    texts = [row["reference"], row["hypothesis"]]
    if settings.get("normalize", "on") == "on":
        texts = [normalize(text, language=settings.get("language", "en")) for text in texts]
    left, parts = _MAX_WORDS, list[str]()
    for edit in edits(*texts):
        pieces = (
            (("del", edit.reference), ("ins", edit.hypothesis))
            if edit.is_error
            else (("", edit.hypothesis),)
        )
        for tag, text in pieces:
            words = text.split()[:left]
            left -= len(words)
            said = page.escaped(" ".join(words))
            parts += [f"<{tag}>{said}</{tag}>" if tag else said] * bool(words)
    return " ".join(parts) + " ..." * (left <= 0)
