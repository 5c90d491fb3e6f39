"""`summary.json`: the counts of a run, under the keys of cosmos-curate and a few of ours.

Made from `clips.parquet` and what the writer says of each video, so that it can be made again when
clips are marked anew. `pipeline_run_time` is in minutes as there; all other times are seconds.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.listing import list_files
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    exists,
    list_folders,
    list_names,
    open_read,
    read_bytes,
    write_atomic,
)
from curator_engine.redaction import redacted
from curator_video.clips.clip_table import CLIPS
from curator_video.read.frame_account import account, covered, totals

SUMMARY_FILE = "summary.json"
_VIDEOS = "processed_videos"
_EMBEDDINGS = "_embd_parquet"
_ROWS = (
    *("uuid", "video", "start", "end", "keep", "drop_stage", "drop_reason", "path", "num_bytes"),
    *("caption", "windows", "preview", "errors", "start_frame", "end_frame", "damaged_ratio"),
)
_NOTES = {
    "hdr": "of high dynamic range kept with eight bits (--tone-map or --ten-bit change that)",
    "interlaced": "interlaced",
    "size": "that change their size",
    "damage": "with damaged or missing frames (--damage filter drops the clips that have some)",
}
"""What is said of videos with a note of this kind."""


def read_videos(output: str) -> dict[str, dict[str, Any]]:
    """What the writer said of each video that was finished, by its path below the input folder."""
    folder = join(output, _VIDEOS)
    found: dict[str, dict[str, Any]] = {}
    for file in (
        list_files([folder], extensions=[".json"], allow_empty=True) if _is_there(folder) else []
    ):
        found[file.name.removesuffix(".json")] = json.loads(read_bytes(file.path))
    return found


def _is_there(folder: str) -> bool:
    return bool(list_names(folder) or list_folders(folder))


def build_summary(output: str, table: pa.Table, facts: dict[str, Any]) -> dict[str, Any]:
    """The summary of a run.

    Args:
        output: Its folder.
        table: Its clips.
        facts: The facts of `run.json`: `num_input_videos`, `num_input_videos_selected`,
            `total_time`, `processed_seconds` (of video, in that time), `embedding_algorithm`,
            `video_bytes`, `quarantined`, where they are known.
    """
    videos = read_videos(output)
    rows = table.select([name for name in _ROWS if name in table.column_names]).to_pylist()
    lengths = [row["end"] - row["start"] for row in rows if row["keep"]]
    dropped = Counter(row["drop_stage"] for row in rows if not row["keep"])
    embedded = _embedded(output)
    kept = [row for row in rows if row["keep"]]
    duration = sum(float(video.get("duration") or 0.0) for video in videos.values())
    seconds = float(facts.get("total_time", 0.0))
    processed = float(facts.get("processed_seconds", duration))
    frames = account(videos, rows)
    selected = facts.get("num_input_videos_selected", len(videos))
    return {
        "num_input_videos": facts.get("num_input_videos", len(videos)),
        "num_input_videos_selected": selected,
        "num_processed_videos": len(videos),
        "num_quarantined_videos": facts.get("quarantined", 0),
        "embedding_algorithm": facts.get("embedding_algorithm", ""),
        "pipeline_run_time": round(seconds / 60, 4),
        "total_video_duration": round(duration, 6),
        "total_video_bytes": facts.get("video_bytes", 0),
        "total_clip_duration": round(sum(lengths), 6),
        "max_clip_duration": round(max(lengths, default=0.0), 6),
        "duration_left_out": _left_out(videos.values()),
        **{f"total_frames_{name}": value for name, value in totals(frames.values()).items()},
        "num_videos_with_unknown_frames": max(0, selected - len(videos)),
        "total_num_clips": len(rows),
        **{f"total_num_clips_filtered_by_{name}": dropped[name] for name in _stages(dropped)},
        "total_num_clips_passed": len(kept),
        "total_num_clips_transcoded": sum(row["path"] is not None for row in rows),
        "total_num_clips_with_embeddings": sum(row["uuid"] in embedded for row in kept),
        "total_num_clips_with_caption": sum(bool(row["caption"]) for row in kept),
        "total_num_caption_windows": sum(len(json.loads(row["windows"] or "[]")) for row in kept),
        "total_num_clips_with_webp": sum(bool(row["preview"]) for row in kept),
        "total_num_clips_with_damage": sum(bool(row.get("damaged_ratio")) for row in rows),
        "num_videos_by_note": _by_note(videos.values()),
        "total_num_clips_with_errors": sum(bool(row["errors"]) for row in rows),
        "fraction_of_clips_passed": _share(len(kept), len(rows)),
        "fraction_of_duration_passed": _share(_seconds(kept), duration),
        "times_real_time": round(processed / seconds, 3) if seconds else 0.0,
        **_by_video(videos, rows, embedded, frames),
    }


def refresh_summary(output: str, record: dict[str, Any]) -> None:
    """Write `summary.json` again after clips were marked anew.

    Args:
        output: The run's folder.
        record: Its `run.json`.

    Raises:
        StorageError: It cannot be written.
    """
    write_summary(output, build_summary(output, CLIPS.read(output), record.get("facts", {})))


def write_summary(output: str, summary: dict[str, Any]) -> None:
    """Write `summary.json`.

    Raises:
        StorageError: It cannot be written.
    """
    write_atomic(join(output, SUMMARY_FILE), json.dumps(redacted(summary), indent=1).encode())


def read_summary(output: str) -> dict[str, Any]:
    """The summary of a run; empty where there is none."""
    path = join(output, SUMMARY_FILE)
    return json.loads(read_bytes(path)) if exists(path) else {}


def _left_out(videos: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Seconds that lie in no clip, by reason, the most first."""
    total = Counter[str]()
    for video in videos:
        total.update(video.get("left_out", {}))
    return [{"reason": reason, "seconds": round(s, 6)} for reason, s in total.most_common()]


def left_out_line(summary: dict[str, Any]) -> str:
    """How much video lies in no clip, and why; empty if all of it does."""
    parts: list[str] = []
    if lost := summary.get("duration_left_out", []):
        reasons = ", ".join(f"{each['seconds']:,.1f} s {each['reason']}" for each in lost)
        parts.append(f"{sum(each['seconds'] for each in lost):,.1f} s in no clip: {reasons}")
    if unknown := summary.get("num_videos_with_unknown_frames", 0):
        parts.append(f"{unknown:,} files of unknown length are in no total")
    return "; ".join(parts)


def _by_note(videos: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many videos have a note of each kind."""
    kinds = Counter[str]()
    for video in videos:
        kinds.update({note.partition(":")[0] for note in video.get("notes", [])})
    return [{"note": kind, "videos": count} for kind, count in sorted(kinds.items())]


def notes_line(summary: dict[str, Any]) -> str:
    """Videos whose pictures a person should know of; empty if there is none."""
    counts = {each["note"]: each["videos"] for each in summary.get("num_videos_by_note", [])}
    found = [f"{counts[kind]:,} {what}" for kind, what in _NOTES.items() if counts.get(kind)]
    return f"videos with remarks in report.html: {', '.join(found)}" if found else ""


def _stages(dropped: Iterable[str]) -> list[str]:
    """The stages to count, those that cosmos-curate names first."""
    return list(dict.fromkeys(["motion", "aesthetic", *sorted(filter(None, dropped))]))


def _by_video(
    videos: dict[str, dict[str, Any]],
    rows: list[dict[str, Any]],
    embedded: set[str],
    frames: dict[str, dict[str, Any]],
) -> dict[str, dict[str, Any]]:
    """An entry per video, as cosmos-curate has them beside the totals."""
    mine: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        mine[row["video"]].append(row)
    return {
        name: _of_video(facts, mine[name], embedded) | {"frames": frames[name]}
        for name, facts in sorted(videos.items())
    }


def _of_video(
    facts: dict[str, Any], rows: list[dict[str, Any]], embedded: set[str]
) -> dict[str, Any]:
    kept = [row for row in rows if row["keep"]]
    dropped = Counter(row["drop_stage"] for row in rows if not row["keep"])
    return {
        "source_video": facts.get("video", ""),
        "duration": facts.get("duration", 0.0),
        "num_total_clips": len(rows),
        **{f"num_clips_filtered_by_{name}": dropped[name] for name in _stages(dropped)},
        "num_clips_passed": len(kept),
        "num_clips_transcoded": sum(row["path"] is not None for row in rows),
        "num_clips_with_embeddings": sum(row["uuid"] in embedded for row in kept),
        "num_clips_with_caption": sum(bool(row["caption"]) for row in kept),
        "num_clips_with_webp": sum(bool(row["preview"]) for row in kept),
        "clips": [row["uuid"] for row in kept],
        "filtered_clips": [row["uuid"] for row in rows if not row["keep"]],
    }


def _seconds(rows: list[dict[str, Any]]) -> float:
    """Seconds of video that lie in any of these clips."""
    mine: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        mine[row["video"]].append((row["start"], row["end"]))
    return sum(covered(spans) for spans in mine.values())


def _embedded(output: str) -> set[str]:
    """The clips that have an embedding of any model."""
    found = set[str]()
    for folder in list_folders(output):
        if not folder.endswith(_EMBEDDINGS):
            continue
        for name in list_names(join(output, folder)):
            with open_read(join(output, folder, name)) as file:
                ids = pq.read_table(file, columns=["id"]).column("id").to_pylist()
            found.update(str(each) for each in ids)
    return found


def _share(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0
