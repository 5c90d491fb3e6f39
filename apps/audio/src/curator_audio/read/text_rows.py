"""Rows with texts: lists, tables, NIST's trn, transcripts as LibriSpeech and Kaldi have them, and folders of runs.

the words that were said (speaker-utterance)     .trn
utterance THE WORDS THAT WERE SAID               .txt
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curator_audio.read.manifest import PATH_FIELDS
from curator_engine.files.formats import (
    AUDIO_EXTENSIONS,
    CONVERTED,
    EXTENSIONS,
    VIDEO_EXTENSIONS,
    kind_of,
)
from curator_engine.files.list_rows import list_rows, text_lines
from curator_engine.files.listing import Listing, find_files
from curator_engine.files.paths import join
from curator_engine.files.storage import exists
from curator_engine.files.table_batches import plain_columns, table_batches
from curator_engine.running.run_record import RECORD_FILE

_IN_FOLDERS = (
    *EXTENSIONS["jsonl"],
    *CONVERTED["csv"],
    *EXTENSIONS["parquet"],
    ".trn",
    ".trans.txt",
)
"""Endings that count in folders; other .txt files lie about as notes."""
_OF_RUNS = ("transcripts.jsonl", "segments.parquet")
"""What a folder of a run stands for, the first that is there."""
_IDS = ("id", "utt_id", "utterance_id", "uuid", "segment_id", "name")
_TRN = re.compile(r"(.*)\(([^()]+)\)\s*")
_ROWS_AT_A_TIME = 4096


@dataclass(frozen=True, kw_only=True)
class TextRow:
    """A row of a file of texts."""

    number: int
    """In the file, from 0."""
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """What it holds; of .trn and .txt `id` and `text`."""
    problem: str = ""
    """Why it cannot be read; empty if it can."""


def find_texts(inputs: Sequence[str]) -> Listing:
    """The files of texts of an input; the folder of a run stands for its transcripts, or its segments.

    Raises:
        InputError: A path is missing or nothing matches.
    """
    return find_files([_of_run(each) for each in inputs], extensions=_IN_FOLDERS)


def text_rows(path: str) -> Iterator[TextRow]:
    """The rows of a file, those without anything in them left out.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is damaged; after all rows that can be read.
    """
    lower = path.lower()
    if lower.endswith((".trn", ".txt")):
        yield from _of_lines(path, is_trn=lower.endswith(".trn"))
    elif kind_of(path) in ("parquet", "arrow"):
        for batch in table_batches(path, plain_columns, rows=_ROWS_AT_A_TIME):
            for i, fields in enumerate(batch.rows.to_pylist()):
                yield TextRow(number=batch.first + i, fields=fields)
    else:
        for number, row in enumerate(list_rows(path)):
            if row is None:
                yield TextRow(number=number, problem="its line is no JSON object")
            elif row:
                yield TextRow(number=number, fields=row)


def id_of_row(fields: Mapping[str, Any], name: str | None = None) -> str:
    """What a row is called, so that it can be found in another file; "" if it says nothing.

    Args:
        fields: Of the row.
        name: The field with the id; else the usual ones, else the name of its recording without ending.

    Example:
        >>> id_of_row({"audio_filepath": "in/84-121123-0000.flac"})
        '84-121123-0000'
    """
    for each in [name] if name else _IDS:
        if isinstance(value := fields.get(each), str | int) and str(value).strip():
            return _stem(str(value).strip())
    place = next((fields[n] for n in (() if name else PATH_FIELDS) if fields.get(n)), "")
    return _stem(place) if isinstance(place, str) else ""


def _stem(name: str) -> str:
    """A name without folders and ending, if it is that of a recording."""
    if not name.lower().endswith((*AUDIO_EXTENSIONS, *VIDEO_EXTENSIONS)):
        return name
    return posixpath.splitext(posixpath.basename(name))[0]


def _of_run(place: str) -> str:
    if not exists(join(place, RECORD_FILE)):
        return place
    return next((join(place, n) for n in _OF_RUNS if exists(join(place, n))), place)


def _of_lines(path: str, *, is_trn: bool) -> Iterator[TextRow]:
    for number, line in enumerate(text_lines(path)):
        if not line:
            continue
        if is_trn:
            if found := _TRN.fullmatch(line):
                yield TextRow(
                    number=number, fields={"id": found[2].strip(), "text": found[1].strip()}
                )
            else:
                yield TextRow(number=number, problem="its line has no (id) at the end")
        else:
            name, *text = line.split(maxsplit=1)
            yield TextRow(number=number, fields={"id": name, "text": "".join(text)})
