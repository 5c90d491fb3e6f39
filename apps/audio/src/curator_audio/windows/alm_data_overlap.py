"""The stage that drops windows which overlap others, as NeMo Curator's."""

from dataclasses import dataclass
from typing import Any

from curator_audio.windows.overlaps import Span, without_overlaps
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import Task


@positional("name", "overlap_percentage", "target_duration")
@dataclass(kw_only=True)
class ALMDataOverlapStage(ProcessingStage[Task[dict[str, Any]], Task[dict[str, Any]]]):
    """Set `filtered_windows`: the windows of an entry of which no two overlap too much.

    Two windows of one span are one too many; NeMo Curator keeps both of them.

    Example:
        ALMDataOverlapStage(overlap_percentage=50)
    """

    name: str = "alm_data_overlap"
    overlap_percentage: int = 0
    """Percent of the shorter of two windows from which one of them goes; 0: any overlap is too much."""
    target_duration: float = 120.0
    """Seconds; of two windows the one nearer to it stays."""

    def __post_init__(self) -> None:
        if not 0 <= self.overlap_percentage <= 100:
            raise SettingsError(f"overlap_percentage must be 0-100, got {self.overlap_percentage}.")
        if self.target_duration <= 0:
            raise SettingsError("target_duration must be positive.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """Windows, as `ALMDataBuilderStage` sets them."""
        return [], ["windows"]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The windows that stay, and the lengths and spans of all and of those."""
        return [], ["filtered_windows", "filtered", "filtered_dur", "filtered_dur_list"]

    def process(self, task: Task[dict[str, Any]]) -> Task[dict[str, Any]]:
        """Choose among the windows of an entry."""
        entry = task.data
        windows = [each for each in entry.get("windows") or [] if each.get("segments")]
        spans = [_span(each) for each in windows]
        kept = without_overlaps(
            spans, least_share=self.overlap_percentage / 100, target_s=self.target_duration
        )
        stats: dict[str, Any] = entry.get("stats") or {}
        entry |= {
            **_lengths("total_dur_window", "total_dur_list_window", spans),
            "total_dur_list_window_timestamps": [(end, start) for start, end in spans],
            "filtered": [(spans[i][1], spans[i][0]) for i in kept],
            "filtered_windows": [windows[i] for i in sorted(kept)],
            **_lengths("filtered_dur", "filtered_dur_list", [spans[i] for i in kept]),
            "manifest_filepath": stats.get("manifest_path"),
            "swift_filepath": stats.get("swift_path"),
        }
        self.log_metric("input_windows", len(windows))
        self.log_metric("output_windows", len(kept))
        return task


def _span(window: dict[str, Any]) -> Span:
    return window["segments"][0]["start"], window["segments"][-1]["end"]


def _lengths(total: str, each: str, spans: list[Span]) -> dict[str, Any]:
    seconds = [end - start for start, end in spans]
    return {total: sum(seconds, 0.0), each: seconds}
