"""Which segments of a run hold a sound, and in which certain words are said."""

import json
from typing import Any

import pyarrow as pa

from curator_audio.duplicates.near import find_sound
from curator_audio.transcripts.find_words import find_words

SHOWN = ("uuid", "place", "start_s", "end_s", "keep", "path", "text", "transcript")
"""Columns of `segments.parquet` that are told of what is found."""


def with_sound(
    table: pa.Table,
    prints: pa.Table,
    sound: pa.Table,
    *,
    threshold: float,
    min_overlap: float,
    top: int,
) -> list[dict[str, Any]]:
    """The segments that hold a sound, most similar first.

    Args:
        table: Rows of `segments.parquet`.
        prints: Their fingerprints.
        sound: That of the sound, one row.
        threshold: Of the similarity, at least.
        min_overlap: Share of the shorter of the two that must lie over the other.
        top: How many at most.

    Returns:
        `SHOWN`, with similarity, overlap, speed, and `at_s`, where the sound begins in the recording.
    """
    rows = {row["uuid"]: row for row in table.select(list(SHOWN)).to_pylist()}
    mask = [uuid in rows for uuid in prints.column("uuid").to_pylist()]
    # Of no segments, a list has no type.
    known = prints.filter(pa.array(mask, pa.bool_()))
    found = find_sound(sound, known, threshold=threshold, min_overlap=min_overlap, top=top)
    return [
        {
            **(row := rows[each.pop("kept_id")]),
            "at_s": round(row["start_s"] + each.pop("offset"), 3),
            **each,
        }
        for each in found
    ]


def with_words(table: pa.Table, phrase: str, *, top: int) -> list[dict[str, Any]]:
    """The segments in which words are said, those with the whole phrase first.

    Args:
        table: Rows of `segments.parquet`; what was heard counts, and what came along.
        phrase: The words.
        top: How many at most.

    Returns:
        `SHOWN`, with `similarity`, the share of the words, and `at_s`, where the phrase begins in the
        recording if the times of words are known, else where the segment does.
    """
    found: list[dict[str, Any]] = []
    columns = [*SHOWN, "language", "words"]
    for row in table.select(columns).to_pylist():
        language, words = row.pop("language") or "en", json.loads(row.pop("words") or "[]")
        texts = ((row["transcript"], words), (row["text"], []))
        hits = [
            hit
            for text, timed in texts
            if text and (hit := find_words(phrase, text, language=language, words=timed))
        ]
        if hits:
            best = max(hits, key=lambda hit: (hit.share, hit.at_s is not None))
            at = row["start_s"] + (best.at_s or 0.0)
            found.append({**row, "at_s": round(at, 3), "similarity": best.share})
    return sorted(found, key=lambda row: -row["similarity"])[:top]
