"""PESQ, STOI and SI-SDR of segments by SQUIM, as NeMo Curator's `TorchSquimQualityMetricsStage` sets them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from curator_audio.read.decode import open_audio, read_span
from curator_audio.read.entry_samples import entry_samples
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage, Produced

if TYPE_CHECKING:
    from curator_audio.models.squim import Squim

type _Row = dict[str, Any]


@positional(
    *("audio_filepath_key", "target_sr", "batch_size", "compute_batch_size", "segments_key"),
    *("name", "resources", "model"),
)
@dataclass(kw_only=True)
class TorchSquimQualityMetricsStage(ProcessingStage[AudioTask, AudioTask]):
    """Set `metrics.pesq_squim`, `stoi_squim` and `sisdr_squim` of each segment, or of an entry without segments.

    Segments of no speaker or no text, silent ones and those below 0.1 s get none. Unlike NeMo Curator's
    it needs no GPU by default; Resources(gpus=1) gives it one.

    Raises:
        SettingsError: A value is out of its range.

    Example:
        TorchSquimQualityMetricsStage("audio_filepath", model_path="squim_objective_dns2020.pth")
    """

    name: str = "TorchSquimQualityMetrics"
    audio_filepath_key: str = "resampled_audio_filepath"
    """The key of the recording's path."""
    target_sr: int = 16_000
    """Samples per second that the network gets; it was trained on 16,000."""
    batch_size: int | None = 32
    """Entries at once."""
    compute_batch_size: int = 32
    """Parts of equal length that the network hears together."""
    segments_key: str = "segments"
    """The key of the list of segments, with `start` and `end` in seconds."""
    model: Any = None
    """A network that is loaded already."""
    model_path: str = ""
    """File with the weights; those of torchaudio, from torch's cache or fetched, if empty."""
    resources: Resources = field(default_factory=Resources)
    _squim: "Squim | None" = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if min(self.target_sr, self.compute_batch_size, self.batch_size or 0) < 1:
            raise SettingsError("target_sr, batch_size and compute_batch_size must be > 0.")

    def setup_on_node(self, node_info: Any = None, worker_metadata: Any = None) -> None:
        """Fetch the weights, once per node.

        Raises:
            CuratorError: They are not there.
        """
        from curator_audio.models.squim import fetched

        if self.model is None:
            fetched(self.model_path)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the network.

        Raises:
            CuratorError: It is not there.
        """
        from curator_audio.models.squim import Squim

        self._squim = Squim(
            self.model_path,
            device="gpu" if self.resources.requires_gpu else "cpu",
            batch=self.compute_batch_size,
            model=self.model,
        )

    def teardown(self) -> None:
        """Let the network go."""
        self._squim = None

    def inputs(self) -> tuple[list[str], list[str]]:
        """A path."""
        return [], [self.audio_filepath_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Rate one entry.

        Raises:
            AudioError: The recording cannot be decoded.
        """
        self._rate([task])
        return task

    def process_batch(self, tasks: list[AudioTask]) -> list[Produced]:
        """Rate some entries."""
        self._rate(tasks)
        return list(tasks)

    def _rate(self, tasks: list[AudioTask]) -> None:
        rows: list[_Row] = []
        clips: list[Any] = []
        for task in tasks:
            for row, clip in self._clips(task.data):
                rows.append(row)
                clips.append(clip)
        assert self._squim is not None
        for row, metrics in zip(rows, self._squim.rate(clips), strict=True):
            if metrics is not None:
                row["metrics"] = {**row.get("metrics", {}), **metrics}

    def _clips(self, entry: _Row) -> list[tuple[_Row, Any]]:
        """What is rated of an entry, with its samples."""
        key = self.audio_filepath_key
        if self.segments_key not in entry:
            return [(entry, entry_samples(entry, rate=self.target_sr, audio_filepath_key=key))]
        source = str(entry[key])
        recording = open_audio(source)
        return [
            (
                row,
                read_span(
                    source,
                    float(row["start"]),
                    float(row["end"]),
                    self.target_sr,
                    recording=recording,
                ),
            )
            for row in entry[self.segments_key]
            if _is_speech(row)
        ]


def _is_speech(row: _Row) -> bool:
    """Whether somebody says something in a segment, as far as it tells."""
    told = row.get("speaker") != "no-speaker" and str(row.get("text", "x")).strip()
    return bool(told) and float(row.get("end", 0)) > float(row.get("start", 0))
