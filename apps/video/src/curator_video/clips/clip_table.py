"""`clips.parquet`: a row per clip of a run, with all that is known about it.

Each chunk of clips is written as a part, and the parts are joined; see the engine's `item_table.py`.
Embeddings are files of their own (`write.py`).
"""

import json
from typing import Any

import pyarrow as pa

from curator_engine.items.item_table import ERRORS, MARKS, ItemTable
from curator_engine.redaction import redacted
from curator_video.score_table import SCORE_COLUMNS
from curator_video.task import Clip, Video

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
    *MARKS,
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
    ERRORS,
]

CLIPS = ItemTable(
    file="clips.parquet",
    unit="clips",
    made_by="curator-video split",
    kept="clips",
    dropped="filtered_clips",
    metas="metas/v0",
    scores=SCORE_COLUMNS,
    identity=_IDENTITY,
    about=_FILE,
    order=("source_video", "start", "end", "uuid"),
)
"""The table of clips and their folders.

`video` is the source's path below the input folder, `path` and `preview` are paths from the output
folder (null without a file), times are seconds from the video's first frame, `windows` is JSON,
`time_stamps` says what times the source's frames (pts, or dts or rate where those are wrong),
`caption` is the text of the first window.
"""


def clips_table(video: Video) -> pa.Table:
    """A row per clip of the video, or of one chunk of it, in the order of the clips."""
    return CLIPS.of(video.clips, lambda clip: _row(video, clip))


def _row(video: Video, clip: Clip) -> dict[str, Any]:
    facts, file = video.metadata, clip.encoded
    row: dict[str, Any] = {
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
        "preview": clip.preview or None,
        "caption": first_caption(clip),
        "windows": json.dumps([vars(window) for window in clip.windows]) if clip.windows else None,
        "transcript": clip.transcript.get("text"),
        "language": clip.transcript.get("language"),
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
    return row


def first_caption(clip: Clip) -> str | None:
    """The text of the first window that has one, enhanced if it was; None without captions."""
    for window in clip.windows:
        for texts in (window.enhanced_caption, window.caption):
            for text in texts.values():
                if text:
                    return text
    return None
