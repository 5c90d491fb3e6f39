"""`clips.parquet`: a row per clip of a run, with all that is known about it.

Each chunk of clips is written as a part; `join_parts` puts the parts in order and makes the file.
Scores that were not computed are null. Embeddings are files of their own (`write.py`).
"""

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator_engine.errors import InputError, StorageError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_names, open_read, storage_errors
from curator_engine.redaction import redacted
from curator_engine.stages.table_files import write_table
from curator_video.clips.clip_records import error_lines
from curator_video.score_table import SCORE_COLUMNS
from curator_video.task import Clip, Video

CLIPS_FILE = "clips.parquet"

_IDENTITY = [
    pa.field("uuid", pa.string()),
    pa.field("source_video", pa.string()),
    pa.field("video", pa.string()),
    pa.field("start", pa.float64()),
    pa.field("end", pa.float64()),
    pa.field("start_frame", pa.int64()),
    pa.field("end_frame", pa.int64()),
    pa.field("clip_chunk_index", pa.int32()),
    pa.field("width_source", pa.int32()),
    pa.field("height_source", pa.int32()),
    pa.field("framerate_source", pa.float64()),
    pa.field("duration_source", pa.float64()),
    pa.field("damaged_frames", pa.int64()),
    pa.field("missing_frames", pa.int64()),
    pa.field("time_stamps", pa.string()),
    pa.field("keep", pa.bool_()),
    pa.field("drop_reason", pa.string()),
    pa.field("drop_stage", pa.string()),
]
_FILE = [
    pa.field("path", pa.string()),
    pa.field("width", pa.int32()),
    pa.field("height", pa.int32()),
    pa.field("pixel_aspect", pa.float64()),
    pa.field("framerate", pa.float64()),
    pa.field("num_frames", pa.int64()),
    pa.field("video_codec", pa.string()),
    pa.field("audio_codec", pa.string()),
    pa.field("num_bytes", pa.int64()),
    pa.field("encoded_start", pa.float64()),
    pa.field("preview", pa.string()),
    pa.field("caption", pa.string()),
    pa.field("windows", pa.string()),
    pa.field("transcript", pa.string()),
    pa.field("language", pa.string()),
    pa.field("errors", pa.list_(pa.string())),
]
_NOT_SCORES = {each.name for each in (*_IDENTITY, *_FILE)}


def clip_schema(scores: Iterable[str] = ()) -> pa.Schema:
    """The columns of a table of clips.

    `video` is the source's path below the input folder, `path` and `preview` are paths from the
    output folder (null without a file), times are seconds from the video's first frame, `windows`
    is JSON, `time_stamps` says what times the source's frames (pts, or dts or rate where those are
    wrong), `caption` the text of the first window, and `errors` are "stage: message".

    Args:
        scores: Scores that have a column besides `SCORE_COLUMNS`.
    """
    extra = sorted(set(scores) - set(SCORE_COLUMNS) - _NOT_SCORES)
    fields = [pa.field(name, pa.float64()) for name in (*SCORE_COLUMNS, *extra)]
    return pa.schema([*_IDENTITY, *fields, *_FILE])


def score_names(table: pa.Table) -> list[str]:
    """The columns that are scores, in order, also those without a value."""
    return [name for name in table.column_names if name not in _NOT_SCORES]


def clips_table(video: Video) -> pa.Table:
    """A row per clip of the video, or of one chunk of it, in the order of the clips."""
    schema = clip_schema(name for clip in video.clips for name in clip.scores)
    return pa.Table.from_pylist([_row(video, clip) for clip in video.clips], schema=schema)


def _row(video: Video, clip: Clip) -> dict[str, Any]:
    facts, file = video.metadata, clip.encoded
    row: dict[str, Any] = {
        "uuid": clip.uuid,
        "source_video": redacted(clip.source_video),
        "video": video.relative_path,
        "start": clip.span[0],
        "end": clip.span[1],
        "start_frame": clip.frames[0],
        "end_frame": clip.frames[1],
        "clip_chunk_index": video.clip_chunk_index,
        "width_source": facts.width,
        "height_source": facts.height,
        "framerate_source": facts.framerate,
        "duration_source": facts.duration,
        "damaged_frames": clip.damaged_frames,
        "missing_frames": clip.missing_frames,
        "time_stamps": facts.stamps,
        "keep": not clip.drop_reason,
        "drop_reason": clip.drop_reason,
        "drop_stage": clip.drop_stage,
        "preview": clip.preview or None,
        "caption": first_caption(clip),
        "windows": json.dumps([vars(window) for window in clip.windows]) if clip.windows else None,
        "transcript": clip.transcript.get("text"),
        "language": clip.transcript.get("language"),
        "errors": error_lines(clip.errors),
    }
    if file:
        row |= {
            "path": file.path,
            "width": file.width,
            "height": file.height,
            "pixel_aspect": facts.pixel_aspect,
            "framerate": file.framerate,
            "num_frames": file.num_frames,
            "video_codec": file.video_codec,
            "audio_codec": file.audio_codec,
            "num_bytes": file.num_bytes,
            "encoded_start": file.start,
        }
    return row | {name: value for name, value in clip.scores.items() if name not in _NOT_SCORES}


def first_caption(clip: Clip) -> str | None:
    """The text of the first window that has one, enhanced if it was; None without captions."""
    for window in clip.windows:
        for texts in (window.enhanced_caption, window.caption):
            for text in texts.values():
                if text:
                    return text
    return None


def join_parts(parts: str, output: str) -> pa.Table:
    """Make `clips.parquet` in the output folder of the parts in a folder.

    Rows are in the order of source path, start, end and id, whatever the order of the parts; a clip
    that is in several parts is taken once.

    Returns:
        The table.

    Raises:
        StorageError: A part cannot be read, or the file not written.
    """
    names = [name for name in list_names(parts) if name.endswith(".parquet")]
    table = sorted_clips([_read(join(parts, name)) for name in names])
    write_table(join(output, CLIPS_FILE), table)
    return table


def sorted_clips(tables: Iterable[pa.Table]) -> pa.Table:
    """The tables as one with all their columns, in the order that `join_parts` gives."""
    tables = list(tables)
    schema = clip_schema(name for table in tables for name in score_names(table))
    empty = schema.empty_table()
    joined = pa.concat_tables([empty, *tables], promote_options="default").select(schema.names)
    keys = ("source_video", "start", "end", "uuid")
    order = pc.sort_indices(joined, sort_keys=[(key, "ascending") for key in keys])
    joined = joined.take(order).combine_chunks()
    ids = joined.column("uuid").to_pylist()
    first = [i == 0 or ids[i] != ids[i - 1] for i in range(len(ids))]
    return joined if all(first) else joined.filter(pa.array(first, pa.bool_()))


def read_clips(output: str) -> pa.Table:
    """The table of clips of a finished run.

    Raises:
        InputError: The folder holds none.
        StorageError: It cannot be read.
    """
    path = join(output, CLIPS_FILE)
    if not exists(path):
        raise InputError(
            f"{output} holds no {CLIPS_FILE}; give the folder of a finished curator-video split."
        )
    return _read(path)


def _read(path: str) -> pa.Table:
    with storage_errors(path, "reading"), open_read(path) as file:
        try:
            return pq.read_table(file, use_threads=False)
        except pa.ArrowInvalid as error:
            reason = " ".join(str(error).split())
            raise StorageError(f"{path} is no Parquet file ({reason}); remove it.") from error


def write_clips(output: str, table: pa.Table) -> None:
    """Replace the table of clips of a run.

    Raises:
        StorageError: It cannot be written.
    """
    write_table(join(output, CLIPS_FILE), table)
