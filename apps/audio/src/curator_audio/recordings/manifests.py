"""The kept segments as lists that others read: NeMo's manifest, and cuts of lhotse.

    manifest.jsonl   {"audio_filepath": "data/0a.flac", "duration": 4.2, "text": ...}
    cuts.jsonl       {"id": "0a", "start": 0, "duration": 4.2, ..., "type": "MonoCut"}

Paths count from the folder of the run, or are those of the input where segments were not written.
"""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from curator_audio.score_table import COLUMNS
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic, read_bytes

MANIFEST, CUTS = "manifest.jsonl", "cuts.jsonl"


def write_manifests(output: str, table: pa.Table, placed: pa.Table | None) -> None:
    """Write both lists.

    Args:
        output: Folder of the run.
        table: Rows of `segments.parquet`.
        placed: What was written, of `write_segments.PLACED`; None if nothing was.

    Raises:
        StorageError: A file cannot be written.
    """
    files = {row["uuid"]: row for row in placed.to_pylist()} if placed is not None else {}
    rows = [row for row in table.to_pylist() if row["keep"]]
    for name, made in ((MANIFEST, _entry), (CUTS, _cut)):
        with open_atomic(join(output, name)) as file:
            for row in rows:
                line = made(row, files.get(row["uuid"]))
                file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def join_manifests(runs: Sequence[str], output: str, table: pa.Table) -> None:
    """Write both lists from those of the runs of shards.

    Args:
        runs: Their folders.
        output: Folder of the whole.
        table: Rows of the whole's `segments.parquet`.

    Raises:
        StorageError: A file cannot be read or written.
    """
    kept: list[Any] = table.filter(table.column("keep")).column("uuid").to_pylist()
    for name, key in ((MANIFEST, "segment_id"), (CUTS, "id")):
        lines = dict[str, bytes]()
        for run in runs:
            for line in read_bytes(join(run, name)).splitlines(keepends=True):
                lines[json.loads(line)[key]] = line
        with open_atomic(join(output, name)) as file:
            file.writelines(lines[uuid] for uuid in kept)


def _entry(row: dict[str, Any], file: dict[str, Any] | None) -> dict[str, Any]:
    """A line of NeMo's manifest."""
    found: dict[str, Any]
    if file is None:
        found = {"audio_filepath": _original(row), "offset": row["start_s"]}
        found["duration"] = round(row["end_s"] - row["start_s"], 3)
    else:
        found = {"audio_filepath": file["path"], "duration": _seconds(file)}
    found["text"] = row["text"] or row["transcript"] or ""
    about = {name: row[name] for name in ("language", "speaker", "recogniser")}
    about["pred_text"] = row["transcript"]
    place = {"segment_id": row["uuid"], "source": row["place"], "source_start": row["start_s"]}
    return {**found, **_known({**about, **place}), **_scores(row)}


def _cut(row: dict[str, Any], file: dict[str, Any] | None) -> dict[str, Any]:
    """A cut of lhotse with its recording and what is said in it."""
    if file is None:
        name, rate, channels = row["recording"], row["rate"], row["channels"]
        start, length = row["start_s"], round(row["end_s"] - row["start_s"], 3)
        whole, samples = row["recording_s"], round(row["recording_s"] * rate)
        source = _original(row)
    else:
        name, rate, channels, samples = row["uuid"], file["rate"], file["channels"], file["samples"]
        start, length, whole, source = 0.0, _seconds(file), _seconds(file), file["path"]
    numbers = list(range(channels))
    channel: int | list[int] = 0 if channels == 1 else numbers
    said = {
        "id": row["uuid"],
        "recording_id": name,
        "start": 0.0,
        "duration": length,
        "channel": channel,
        **_known(
            {
                "text": row["text"] or row["transcript"],
                "language": row["language"],
                "speaker": row["speaker"],
            }
        ),
    }
    return {
        "id": row["uuid"],
        "start": start,
        "duration": length,
        "channel": channel,
        "supervisions": [said],
        "recording": {
            "id": name,
            "sources": [{"type": "file", "channels": numbers, "source": source}],
            "sampling_rate": rate,
            "num_samples": samples,
            "duration": whole,
            "channel_ids": numbers,
        },
        "custom": {"source": row["place"], **_scores(row)},
        "type": "MonoCut" if channels == 1 else "MultiCut",
    }


def _original(row: dict[str, Any]) -> str:
    """Where a segment lies in the input; what is in a tar has no file of its own."""
    return str(row["audio"] or row["file"])


def _seconds(file: dict[str, Any]) -> float:
    return round(file["samples"] / file["rate"], 6)


def _scores(row: dict[str, Any]) -> dict[str, float]:
    """Scores in as many digits as one can tell apart; all of them are in the table."""
    return {name: round(row[name], 4) for name in COLUMNS if row[name] is not None}


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
