"""The stages that plan snippets of long recordings, as NeMo Curator's; no sound is read here.

They keep the plan in the entry (`_snippet_plan`) and their counts in the task's metadata
(`pretrain_long_form`).
"""

from dataclasses import dataclass, field
from typing import Any

from curator_audio.windows.snippets import (
    filter_empty_segments,
    find_overlapping_indices,
    most_repeats,
    plan_snippets,
    snippet_text,
)
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import Task

PLAN = "_snippet_plan"
COUNTS = "pretrain_long_form"
_EXAMPLES = 10
"""Texts of repetitive snippets that are kept for a look."""

type EntryTask = Task[dict[str, Any]]


@positional("min_overlap_sec", "name", "batch_size", "resources")
@dataclass(kw_only=True)
class OverlapFilterStage(ProcessingStage[EntryTask, EntryTask]):
    """Drop the segments of an entry that say nothing, and all that overlap another one.

    Example:
        OverlapFilterStage(min_overlap_sec=0.25)
    """

    name: str = "OverlapFilter"
    min_overlap_sec: float = 0.5
    """Seconds from which two segments overlap; one that lies inside another always does."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """Segments."""
        return [], ["segments"]

    def process(self, task: EntryTask) -> EntryTask:
        """Choose among the segments, and put them in order."""
        segments: list[dict[str, Any]] = list(task.data.get("segments") or [])
        spoken, empty = filter_empty_segments(segments)
        spoken.sort(key=lambda each: (each["start"], each["end"]))
        bad = find_overlapping_indices(spoken, self.min_overlap_sec)
        kept = [each for i, each in enumerate(spoken) if i not in bad]
        task.data["segments"] = kept
        starts, ends = ([each[key] for each in segments] for key in ("start", "end"))
        _count(
            task,
            original_seg_count=len(segments),
            original_seg_duration=float(max(ends) - min(starts)) if segments else 0.0,
            dropped_empty=empty,
            dropped_overlap=len(bad),
            kept_after_filter_count=len(kept),
        )
        return task


@positional(
    *("max_duration_sec", "min_duration_sec", "max_segment_gap_in_snippet"),
    *("name", "batch_size", "resources"),
)
@dataclass(kw_only=True)
class SnippetCutPlannerStage(ProcessingStage[EntryTask, EntryTask]):
    """Plan into which snippets a recording is cut.

    Example:
        SnippetCutPlannerStage(max_duration_sec=120.0, max_segment_gap_in_snippet=5.0)
    """

    name: str = "SnippetCutPlanner"
    max_duration_sec: float = 600.0
    """Longest snippet, in seconds."""
    min_duration_sec: float = 0.5
    """Shortest snippet."""
    max_segment_gap_in_snippet: float = 30.0
    """Longest pause inside a snippet."""

    def __post_init__(self) -> None:
        if self.max_duration_sec <= 0:
            raise SettingsError("max_duration_sec must be > 0.")
        if not 0 <= self.min_duration_sec <= self.max_duration_sec:
            raise SettingsError("min_duration_sec must be >= 0 and <= max_duration_sec.")
        if self.max_segment_gap_in_snippet < 0:
            raise SettingsError("max_segment_gap_in_snippet must be >= 0.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """Segments without overlaps."""
        return [], ["segments"]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The plan."""
        return [], [PLAN]

    def process(self, task: EntryTask) -> EntryTask:
        """Set the plan of an entry."""
        snippets, lost = plan_snippets(
            task.data.get("segments") or [],
            self.max_duration_sec,
            self.min_duration_sec,
            self.max_segment_gap_in_snippet,
        )
        task.data[PLAN] = snippets
        _count(
            task,
            planned_snippets=len(snippets),
            **{f"dropped_{reason}": count for reason, count in lost.items()},
        )
        return task


@positional(
    *("tokenizer_path", "ngram_n", "ngram_max_count", "cache_dir", "hf_token"),
    *("name", "batch_size", "resources"),
)
@dataclass(kw_only=True)
class SnippetRepetitionFilterStage(ProcessingStage[EntryTask, EntryTask]):
    """Drop planned snippets in whose text a run of tokens stands too often: a recogniser's loop.

    Example:
        SnippetRepetitionFilterStage(tokenizer_path="models/whisper-small")
    """

    name: str = "SnippetRepetitionFilter"
    tokenizer_path: str
    """Folder or hub id of a tokenizer."""
    ngram_n: int = 10
    """Tokens of a run."""
    ngram_max_count: int = 3
    """How often a run may stand in a snippet."""
    cache_dir: str | None = None
    """Where the hub's files are kept."""
    hf_token: str | None = field(default=None, repr=False)
    """Key of the hub."""
    _tokenizer: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.ngram_n < 1 or self.ngram_max_count < 1:
            raise SettingsError("ngram_n and ngram_max_count must be >= 1.")

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the tokenizer.

        Raises:
            InputError: There is none of this name.
        """
        from transformers import AutoTokenizer

        from curator_engine.models.loading import load_from

        self._tokenizer = load_from(
            AutoTokenizer, self.tokenizer_path, cache_dir=self.cache_dir, token=self.hf_token
        )

    def teardown(self) -> None:
        """Let the tokenizer go."""
        self._tokenizer = None

    def inputs(self) -> tuple[list[str], list[str]]:
        """The plan."""
        return [], [PLAN]

    def process(self, task: EntryTask) -> EntryTask:
        """Take repetitive snippets out of the plan."""
        kept: list[dict[str, Any]] = []
        dropped: list[str] = []
        for snippet in task.data.get(PLAN) or []:
            text = snippet_text(snippet)
            tokens = self._tokenizer(text, add_special_tokens=False)["input_ids"]
            if most_repeats(tokens, self.ngram_n) > self.ngram_max_count:
                dropped.append(text)
            else:
                kept.append(snippet)
        task.data[PLAN] = kept
        _count(
            task,
            dropped_repetition=len(dropped),
            kept_after_repetition_filter=len(kept),
            planned_snippets=len(kept),
            filtered_repetition_texts=dropped[:_EXAMPLES],
        )
        self.log_metric("snippets_filtered_repetition", len(dropped))
        return task


def _count(task: EntryTask, **counts: Any) -> None:
    task._metadata.setdefault(COUNTS, {}).update(counts)
