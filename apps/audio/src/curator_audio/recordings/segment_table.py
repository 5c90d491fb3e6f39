"""`segments.parquet`: a row per segment of a run, with all that is known about it.

Each task writes a part, and the parts are joined; see the engine's `item_table.py`. Rows of segments
that are dropped, of recordings without speech, and of those that cannot be read are there like the others.
"""

import hashlib

import pyarrow as pa

from curator_audio.score_table import COLUMNS
from curator_audio.task import Segment
from curator_engine.items.item_table import ERRORS, MARKS, ItemTable, text_columns

_IDENTITY = [
    *text_columns("uuid", "recording", "source", "member", "place"),
    pa.field("position", pa.int64()),
    pa.field("start_s", pa.float64()),
    pa.field("end_s", pa.float64()),
    *MARKS,
    *text_columns("kept_id"),
    pa.field("similarity", pa.float64()),
]
_ABOUT = [
    *text_columns("path"),
    pa.field("num_bytes", pa.int64()),
    *text_columns("file", "audio", "stamp", "sha256", "format", "codec"),
    pa.field("rate", pa.int32()),
    pa.field("channels", pa.int32()),
    pa.field("recording_s", pa.float64()),
    *text_columns("text", "transcript", "recogniser", "words", "text_words", "language", "signs"),
    *text_columns("speaker", "turns", "overlaps", "recording_text", "fields"),
    ERRORS,
]
SEGMENTS = ItemTable(
    file="segments.parquet",
    unit="segments",
    made_by="curator-audio curate",
    kept="data",
    dropped="",
    scores=COLUMNS,
    identity=_IDENTITY,
    about=_ABOUT,
    order=("source", "position", "start_s", "uuid"),
)
"""The table of segments.

`source` is the file below the input folder, `member` the name in a tar or the row of a list, `place`
both together, `recording` the id of the recording there; `position` counts the recordings of a file from 0; `start_s` and `end_s` are
seconds from the recording's first sample; `path` is where the segment lies in the result, and null
where it does not; `file` is the file as it was read, `stamp` changes with it, `audio` is the
recording that a row of a list names; `rate`, `channels`,
`recording_s` are of the recording; `text` came with it, `transcript` was heard by `recogniser`, `signs`
say that nobody may have said it; `fields`, `words` of it, `text_words` of the text that came along, `turns` and
`overlaps` are JSON.
"""


def segment_rows(segments: list[Segment]) -> pa.Table:
    """A row per segment, in their order."""
    return SEGMENTS.of(
        segments,
        lambda each: {
            **each.about,
            "start_s": each.start_s,
            "end_s": each.end_s,
            "text": each.text or None,
            "audio": each.path,
        },
    )


def id_of(*parts: str) -> str:
    """24 hexadecimal digits of texts."""
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(text).hexdigest()[:24]
