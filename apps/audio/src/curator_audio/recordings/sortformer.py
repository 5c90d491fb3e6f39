"""Who speaks when by Sortformer, with NeMo Curator's name and parameters."""

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from curator_audio.read.decode import open_audio
from curator_audio.read.entry_span import entry_span
from curator_audio.recordings.diarizers import OURS, open_diarizer, turns_from
from curator_audio.speakers.rttm import rttm_lines
from curator_audio.speakers.turns import turns_within
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage

_STREAMING = (
    *("chunk_len", "chunk_left_context", "chunk_right_context", "fifo_len"),
    *("spkcache_update_period", "spkcache_len"),
)
_LONGEST = 30_000
"""Frames for which the network's positions are prepared; without that it fails after some seconds."""


@positional(
    *("model_name", "model_path", "cache_dir", "diar_model", "filepath_key", "diar_segments_key"),
    *("rttm_out_dir", *_STREAMING, "inference_batch_size", "name", "batch_size", "resources"),
)
@dataclass(kw_only=True)
class InferenceSortformerStage(ProcessingStage[AudioTask, AudioTask]):
    """Set who speaks when in an entry, and write an RTTM file for each if that is asked for.

    Sortformer needs NeMo, which is not in our lock: with it this stage has not run. `model_path="campplus"`
    takes our own model instead, and `diar_model` any object with a method `diarize`.

    Raises:
        SettingsError: A value is out of its range.

    Example:
        InferenceSortformerStage(model_path="campplus", rttm_out_dir="rttm")
    """

    name: str = "Sortformer_inference"
    model_name: str = "nvidia/diar_streaming_sortformer_4spk-v2.1"
    """Hub id."""
    model_path: str | None = None
    """A .nemo file, or "campplus"; instead of the hub id."""
    cache_dir: str | None = None
    """Where the hub's files are kept; its usual place without."""
    diar_model: Any = None
    """A model that is loaded already."""
    filepath_key: str = "audio_filepath"
    """The key of the recording's path."""
    diar_segments_key: str = "diar_segments"
    """The key of the list of turns: start and end in seconds of the recording, speaker."""
    rttm_out_dir: str | None = None
    """Folder for an RTTM file per entry, named by `session_name` or the recording; one that is there is written again."""
    chunk_len: int = 340
    """Of frames of 80 ms that are heard at once."""
    chunk_left_context: int = 1
    chunk_right_context: int = 40
    fifo_len: int = 40
    spkcache_update_period: int = 300
    spkcache_len: int = 188
    inference_batch_size: int = 1
    batch_size: int | None = 1
    resources: Resources = field(default_factory=Resources)

    def __post_init__(self) -> None:
        for name in (*_STREAMING, "inference_batch_size"):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name}={getattr(self, name)} is below 0.")

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            CuratorError: It cannot be loaded.
        """
        if self.diar_model is None:
            self.diar_model = open_diarizer(
                self.model_path or self.model_name,
                gpu=self.resources.requires_gpu,
                cache_dir=self.cache_dir,
            )
        if self.model_path != OURS:
            self._prepare()

    def _prepare(self) -> None:
        """Set how much a streaming model hears at once, and for how long."""
        modules = getattr(self.diar_model, "sortformer_modules", None)
        for name in _STREAMING:
            if hasattr(modules, name):
                setattr(modules, name, getattr(self, name))
        places: Any = getattr(getattr(self.diar_model, "encoder", None), "pos_enc", None)
        if hasattr(places, "extend_pe"):
            first = next(self.diar_model.parameters())
            places.extend_pe(_LONGEST, first.device, first.dtype)

    def inputs(self) -> tuple[list[str], list[str]]:
        """A path."""
        return ["data"], [self.filepath_key]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The turns."""
        return ["data"], [self.diar_segments_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Set who speaks when.

        Raises:
            AudioError: The recording cannot be decoded.
            InputError: The model says what are no turns.
        """
        path, start, end = entry_span(task.data, audio_filepath_key=self.filepath_key)
        (said,) = self.diar_model.diarize(audio=[path], batch_size=self.inference_batch_size)
        turns = turns_within(turns_from(said, seconds=open_audio(path).seconds), (start, end))
        task.data[self.diar_segments_key] = [
            {"start": turn.start_s, "end": turn.end_s, "speaker": turn.speaker} for turn in turns
        ]
        if self.rttm_out_dir is not None:
            name = PurePath(str(task.data.get("session_name") or PurePath(path).stem)).name or "_"
            lines = rttm_lines(name, turns).encode()
            write_atomic(join(self.rttm_out_dir, f"{name}.rttm"), lines)
        return task
