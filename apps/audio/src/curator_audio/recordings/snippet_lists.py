"""The manifest of long recordings that are cut into snippets, read; that of the snippets, and their counts, written.

Stages and functions have NeMo Curator's names; see `windows/snippet_stages.py` for the plan.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

from curator_audio.recordings.entry_journal import EntryJournal
from curator_audio.task import AudioTask
from curator_audio.windows.snippet_stages import COUNTS
from curator_engine.errors import InputError
from curator_engine.files.list_rows import list_rows
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_atomic
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.task import EmptyTask

DROPPED = ("empty", "overlap", "too_long", "too_short", "no_text", "repetition")
"""Why segments and snippets are not used, as the stages of the plan count it."""
_MOST_TEXTS = 1000
_BIN_S = 30
"""Seconds of a bin of the histogram."""
type Rows = Iterable[dict[str, Any]]


@positional(
    *("input_manifest", "audio_dir", "audio_filepath_key", "dataset_name"),
    *("name", "batch_size", "resources"),
)
@dataclass(kw_only=True)
class ReadLongFormManifestStage(ProcessingStage[EmptyTask, AudioTask]):
    """Make an entry of each line of a manifest, whose recording lies in a folder by its name.

    Lines that are no objects, or name no recording, are rejected.

    Example:
        ReadLongFormManifestStage("talks.jsonl", "talks/")
    """

    name: str = "ReadLongFormManifest"
    input_manifest: str
    """JSON lines with a path, an id and segments."""
    audio_dir: str
    """The folder of the recordings; of the paths in the manifest only the names count."""
    audio_filepath_key: str = "audio_filepath"
    """The key of the recording's path."""
    dataset_name: str = "long_form_audio"
    """Of the tasks."""
    fan_out: ClassVar[bool] = True

    def outputs(self) -> tuple[list[str], list[str]]:
        """What lines have."""
        return [], [self.audio_filepath_key, "id", "segments"]

    def process(self, task: EmptyTask) -> Iterator[AudioTask]:
        """The entries, in their order.

        Raises:
            InputError: The manifest is not there.
        """
        if not exists(self.input_manifest):
            raise InputError(f"{self.input_manifest} is not there; input_manifest= names a file.")
        for number, row in enumerate(list_rows(self.input_manifest), 1):
            if row == {}:
                continue
            path = row and row.get(self.audio_filepath_key)
            if row is None or not path:
                reason = f"it has no {self.audio_filepath_key}" if row else "it is no JSON object"
                self.reject(Rejection(file=f"{self.input_manifest}#{number - 1}", reason=reason))
                continue
            row[self.audio_filepath_key] = join(self.audio_dir, PurePosixPath(str(path)).name)
            yield AudioTask(
                data=row, dataset_name=self.dataset_name, filepath_key=self.audio_filepath_key
            )


@positional("output_path", "name", "batch_size", "resources")
@dataclass(kw_only=True)
class SnippetManifestWriterStage(EntryJournal):
    """Write the snippets' manifest; entries that stand for a recording without snippets are left out.

    Example:
        SnippetManifestWriterStage("out/snippets.jsonl")
    """

    name: str = "SnippetManifestWriter"

    def line(self, task: AudioTask) -> dict[str, Any] | None:
        """A snippet's entry."""
        return dict(task.data) if task.data.get("snippet_id") is not None else None


@positional("output_path", "name", "batch_size", "resources")
@dataclass(kw_only=True)
class PretrainMetricsAggregatorStage(EntryJournal):
    """Write what went in and came out, per recording and together, as JSON.

    Example:
        PretrainMetricsAggregatorStage("out/metrics.json")
    """

    name: str = "PretrainMetricsAggregator"

    def line(self, task: AudioTask) -> dict[str, Any] | None:
        """What is counted of a snippet, or of a recording without any; one without an id does not count."""
        original = str(task.data.get("id") or "")
        if not original:
            return None
        counts = task._metadata.get(COUNTS, {})
        is_stub = task.data.get("snippet_id") is None
        return {
            "id": original,
            "in_segments": int(counts.get("original_seg_count", 0)),
            "in_duration_sec": float(counts.get("original_seg_duration", 0.0)),
            "dropped": {why: int(counts.get(f"dropped_{why}", 0)) for why in DROPPED},
            "is_stub": is_stub,
            "out_segments": 0 if is_stub else len(task.data.get("segments") or []),
            "out_duration_sec": 0.0 if is_stub else float(task.data.get("duration", 0.0)),
            "filtered_texts": list(counts.get("filtered_repetition_texts") or []),
        }

    def write(self, rows: Iterator[dict[str, Any]]) -> None:
        """Write the summary."""
        with open_atomic(self.output_path) as file:
            file.write(json.dumps(summary_of(rows), indent=2, ensure_ascii=False).encode() + b"\n")


def summary_of(rows: Rows) -> dict[str, Any]:
    """The counts of snippets, together and by recording, and how long they are.

    Args:
        rows: As `PretrainMetricsAggregatorStage` notes them, a row per snippet.
    """
    files: dict[str, dict[str, Any]] = {}
    seconds: list[float] = []
    texts: list[str] = []
    for row in rows:
        if row["id"] not in files:
            kept = {key: row[key] for key in ("id", "in_segments", "in_duration_sec", "dropped")}
            files[row["id"]] = {
                **kept,
                "out_snippets": 0,
                "out_segments": 0,
                "out_duration_sec": 0.0,
            }
            texts += row["filtered_texts"]
        if not row["is_stub"]:
            found = files[row["id"]]
            found["out_snippets"] += 1
            found["out_segments"] += row["out_segments"]
            found["out_duration_sec"] += row["out_duration_sec"]
            seconds.append(row["out_duration_sec"])
    total = {
        name: sum(each[name] for each in files.values())
        for name in ("in_segments", "in_duration_sec", "out_segments", "out_duration_sec")
    }
    return {
        "num_input_audios": len(files),
        "num_output_snippets": len(seconds),
        "input_total_segments": total["in_segments"],
        "input_total_duration_sec": round(total["in_duration_sec"], 3),
        "output_total_segments": total["out_segments"],
        "output_total_duration_sec": round(total["out_duration_sec"], 3),
        "dropped": {why: sum(each["dropped"][why] for each in files.values()) for why in DROPPED},
        "snippet_duration_histogram_30s": histogram_30s(seconds),
        "dropped_repetition_examples": texts[:_MOST_TEXTS],
        "per_original": list(files.values()),
    }


def make_snippet_id(original_id: str, start_sec: float, end_sec: float) -> str:
    """The id of a snippet, without dots: names in tars end at the first.

    Example:
        >>> make_snippet_id("talk.wav", 1.5, 12.0)
        'talk_wav-1_500-12_000'
    """
    times = f"{start_sec:.3f}-{end_sec:.3f}"
    return f"{original_id}-{times}".replace(".", "_")


def histogram_30s(durations: list[float]) -> dict[str, int]:
    """How many snippets have how many seconds, in bins of 30; also those between that have none.

    Example:
        >>> histogram_30s([5.0, 70.0])
        {'0-30': 1, '30-60': 0, '60-90': 1}
    """
    bins = [int(each // _BIN_S) for each in durations]
    names = range(max(bins, default=-1) + 1)
    return {f"{k * _BIN_S}-{(k + 1) * _BIN_S}": bins.count(k) for k in names}
