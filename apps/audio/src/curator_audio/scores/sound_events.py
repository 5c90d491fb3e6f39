"""The sounds of recordings, frame by frame, as NeMo Curator's `SEDInferenceStage` gives them."""

import io
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from curator_audio.models.adapter_stage import AdapterInferenceStage
from curator_audio.read.entry_samples import entry_samples
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError, UnreadableFileError
from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.positional import positional
from curator_engine.resources import Resources
from curator_engine.stage import Produced
from curator_engine.task import short_hash

if TYPE_CHECKING:
    from curator_audio.models.sed_adapters import SEDAdapter, SEDResult

OURS = "curator_audio.models.sed_adapters.PANNsSEDAdapter"


@positional(
    *("adapter_target", "checkpoint_path", "name", "sample_rate", "waveform_key"),
    *("sample_rate_key", "audio_filepath_key", "skip_me_key", "framewise_output_key"),
    *("valid_frames_key", "fps_key", "npz_filepath_key", "save_npz", "output_dir"),
    *("framewise_dtype", "skip_if_output_exists", "prefetch_fail_on_error"),
    *("adapter_kwargs", "batch_size", "resources"),
)
@dataclass(kw_only=True)
class SEDInferenceStage(AdapterInferenceStage["SEDAdapter"]):
    """Set how likely each sound is in each frame of entries, by a network behind an adapter.

    Unlike NeMo Curator's it needs no GPU by default; Resources(gpus=1) gives it one. An entry with
    `skip_me_key` is left alone; one that cannot be read gets it.

    Raises:
        SettingsError: A value is out of its range.

    Example:
        SEDInferenceStage(checkpoint_path="Cnn14_DecisionLevelMax_mAP=0.385.pth", save_npz=True)
    """

    writes_to: ClassVar[tuple[str, ...]] = ("_npz_folder",)
    name: str = "SEDInference"
    adapter_target: str = OURS
    """Import path of a class with the methods of `SEDAdapter`."""
    checkpoint_path: str | None = None
    """File with the weights; None for those that the adapter fetches."""
    sample_rate: int = 32_000
    """Samples per second that the adapter gets."""
    waveform_key: str | None = None
    """Key of samples, where an earlier stage has read them; else the file is read."""
    sample_rate_key: str = "sample_rate"
    audio_filepath_key: str = "audio_filepath"
    skip_me_key: str = "_skipme"
    framewise_output_key: str = "_sed_framewise"
    """Key of the matrix, shape (frames, classes)."""
    valid_frames_key: str = "sed_valid_frames"
    """Key of the number of frames that hold samples."""
    fps_key: str = "sed_fps"
    """Key of the frames per second."""
    npz_filepath_key: str = "npz_filepath"
    """Key of the file with the matrix."""
    save_npz: bool = False
    """Write the matrix into a file as well."""
    output_dir: str = "sed_output"
    """Folder of the files, which lie in framewise/ below it."""
    framewise_dtype: Literal["float16", "float32"] = "float16"
    keep_framewise: bool = True
    """Leave the matrix in the entry; a manifest cannot hold it."""
    skip_if_output_exists: bool = False
    """Leave entries alone that have all of it."""
    prefetch_fail_on_error: bool = True
    """Fail where the weights cannot be fetched; else try again in each worker."""
    adapter_kwargs: dict[str, Any] = field(default_factory=dict[str, Any])
    """What else the adapter is made with, such as model_type and classes_num."""
    batch_size: int | None = 32
    resources: Resources = field(default_factory=Resources)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.batch_size and self.batch_size > 0 and self.sample_rate > 0):
            raise SettingsError("batch_size and sample_rate must be > 0.")
        if self.framewise_dtype not in ("float16", "float32"):
            raise SettingsError(
                f"framewise_dtype={self.framewise_dtype!r} is none; give float16 or float32."
            )
        if not self.keep_framewise and not self.save_npz:
            raise SettingsError("keep_framewise=False leaves no matrix; set save_npz=True as well.")

    @property
    def _npz_folder(self) -> str:
        """The folder that a run takes; none if nothing is written."""
        return self.output_dir if self.save_npz else ""

    def outputs(self) -> tuple[list[str], list[str]]:
        """The frames' number and rate."""
        return [], [self.valid_frames_key, self.fps_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Hear one entry."""
        self._hear([task])
        return task

    def process_batch(self, tasks: list[AudioTask]) -> list[Produced]:
        """Hear some entries."""
        self._hear(tasks)
        return list(tasks)

    def _hear(self, tasks: list[AudioTask]) -> None:
        asked: list[AudioTask] = []
        items: list[dict[str, Any]] = []
        for task in tasks:
            if task.data.get(self.skip_me_key) or self._is_done(task.data):
                continue
            try:
                waveform = self._samples(task.data)
            except UnreadableFileError:
                self.log_metric("audio_load_errors", 1)
                task.data[self.skip_me_key] = "audio_load_error"
                continue
            asked.append(task)
            items.append({"waveform": waveform, "sample_rate": self.sample_rate})
        results = self._adapter.infer_batch(items) if self._adapter and items else []
        for task, result in zip(asked, results, strict=True):
            self._set(task, result)

    def _samples(self, entry: dict[str, Any]) -> Any:
        return entry_samples(
            entry,
            rate=self.sample_rate,
            audio_filepath_key=self.audio_filepath_key,
            waveform_key=self.waveform_key,
            sample_rate_key=self.sample_rate_key,
        )

    def _is_done(self, entry: dict[str, Any]) -> bool:
        keys = [self.valid_frames_key, self.fps_key]
        keys += [self.framewise_output_key] if self.keep_framewise else []
        keys += [self.npz_filepath_key] if self.save_npz else []
        return self.skip_if_output_exists and all(entry.get(key) is not None for key in keys)

    def _set(self, task: AudioTask, result: "SEDResult") -> None:
        frames = np.asarray(result.framewise_output, self.framewise_dtype)
        entry = task.data
        if self.save_npz:
            entry[self.npz_filepath_key] = self._write(task, frames, result)
        if self.keep_framewise:
            entry[self.framewise_output_key] = frames
        entry[self.valid_frames_key] = int(result.valid_frames)
        entry[self.fps_key] = float(result.fps)

    def _write(self, task: AudioTask, frames: Any, result: "SEDResult") -> str:
        """Write the matrix; two recordings of one name do not take each other's place."""
        source = str(task.data.get(self.audio_filepath_key) or "")
        span = [task.data.get(key) for key in ("start_ms", "end_ms", "offset", "duration")]
        stem = PurePosixPath(source).stem or "task"
        name = f"{stem}__{short_hash(source or task.task_id, *map(str, span))}.npz"
        path = join(self.output_dir, "framewise", name)
        content = io.BytesIO()
        np.savez_compressed(
            content,
            framewise=frames,
            fps=np.float32(result.fps),
            audio_filepath=source,
            original_num_samples=np.int64(result.original_num_samples),
            valid_frames=np.int64(result.valid_frames),
        )
        write_atomic(path, content.getvalue())
        return path

    def _create_adapter(self) -> "SEDAdapter":
        return self._adapter_class()(
            checkpoint_path=self.checkpoint_path,
            sample_rate=self.sample_rate,
            **self.adapter_kwargs,
        )
