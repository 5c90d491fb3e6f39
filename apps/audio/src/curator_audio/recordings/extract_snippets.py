"""Cut planned snippets out of long recordings, into one tar; with NeMo Curator's names and parameters.

prepare_audio_pretrain_outputs(...)
build_audio_pretrain_pipeline(...).run()      a tar per recording beside the tar that is asked for
finalize_audio_pretrain_outputs(...)          the tar, by name; the parts go
"""

import io
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from curator_audio.read.decode import Recording, open_audio, read_span
from curator_audio.recordings.cut_file import whole_numbers
from curator_audio.recordings.snippet_lists import (
    PretrainMetricsAggregatorStage,
    ReadLongFormManifestStage,
    SnippetManifestWriterStage,
    make_snippet_id,
)
from curator_audio.task import AudioTask
from curator_audio.windows.snippet_stages import (
    PLAN,
    OverlapFilterStage,
    SnippetCutPlannerStage,
    SnippetRepetitionFilterStage,
)
from curator_audio.windows.snippets import relativize_segments, snippet_text
from curator_engine.errors import InputError, SettingsError
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_names, open_atomic, remove
from curator_engine.pipeline import Pipeline
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import file_safe

_SUBTYPES = {"wav": "PCM_16", "flac": "PCM_16", "ogg": "VORBIS"}
_PARTS = ".parts"
"""Ending of the folder of tars of single recordings."""
_OF_THE_FILE = ("alignment", PLAN, "audio_size", "resampled_audio_filepath")
"""What is true of a whole recording only."""


@positional(
    *("output_dir", "output_audio_tar_path", "target_sample_rate", "output_format"),
    *("audio_filepath_key", "dry_run", "name", "batch_size", "resources"),
)
@dataclass(kw_only=True)
class SnippetExtractionStage(ProcessingStage[AudioTask, AudioTask]):
    """Give an entry for each planned snippet, and put its sound into a tar: one channel, of one rate.

    A recording without snippets gives one entry with the `snippet_id` None, so that it is counted.

    Example:
        SnippetExtractionStage("out", "out/snippets.tar", target_sample_rate=16_000)
    """

    name: str = "SnippetExtraction"
    output_dir: str
    """Not used: sounds are in the tar alone."""
    output_audio_tar_path: str
    """The tar; `finalize_audio_pretrain_outputs` makes it of the parts beside it."""
    target_sample_rate: int = 16_000
    """Samples per second."""
    output_format: str = "flac"
    """flac, wav or ogg."""
    audio_filepath_key: str = "audio_filepath"
    """The key of the recording's path; of a snippet it is the name in the tar."""
    dry_run: bool = False
    """Give the entries, and read and write no sound."""
    parts: str = field(default="", init=False)
    """Folder of the tars of single recordings."""
    fan_out: ClassVar[bool] = True
    writes_to: ClassVar[tuple[str, ...]] = ("parts",)

    def __post_init__(self) -> None:
        if self.output_format not in _SUBTYPES:
            raise SettingsError(
                f"output_format={self.output_format!r} is none of {', '.join(_SUBTYPES)}."
            )
        if self.target_sample_rate < 1:
            raise SettingsError("target_sample_rate must be > 0.")
        self.parts = self.output_audio_tar_path + _PARTS

    def inputs(self) -> tuple[list[str], list[str]]:
        """A recording and its plan."""
        return [], [self.audio_filepath_key, PLAN]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The snippet."""
        return [], [self.audio_filepath_key, "snippet_id", "duration", "segments"]

    def ready_folder(self, job: str, *, goes_on: bool) -> None:
        """Make the folder of the parts ready.

        Raises:
            InputError: There is a tar that no such run has made.
        """
        if exists(self.output_audio_tar_path) and not exists(self.parts):
            raise InputError(
                f"{self.output_audio_tar_path} is there, and not of a run of this stage; move it, or give "
                "another output_audio_tar_path."
            )
        if not goes_on:
            _remove_parts(self.parts)

    def process(self, task: AudioTask) -> list[AudioTask]:
        """Cut a recording.

        Raises:
            AudioError: It cannot be decoded.
            StorageError: The tar cannot be written.
        """
        plan: list[dict[str, Any]] = list(task.data.get(PLAN) or [])
        original = str(task.data.get("id") or task.task_id)
        names = [make_snippet_id(original, each["start"], each["end"]) for each in plan]
        if not plan:
            return [self._stub(task)]
        if self.dry_run:
            lengths = [each["end"] - each["start"] for each in plan]
        else:
            lengths = self._write(task, plan, names)
        found = zip(plan, names, lengths, strict=True)
        return [self._snippet(task, *each) for each in found if each[2] > 0] or [self._stub(task)]

    def _write(self, task: AudioTask, plan: list[dict[str, Any]], names: list[str]) -> list[float]:
        """Write the tar of a recording; gives the seconds of each snippet, 0 behind the recording's end."""
        recording = open_audio(str(task.data[self.audio_filepath_key]))
        lengths: list[float] = []
        part = join(self.parts, f"{file_safe(task.task_id)}.tar")
        with open_atomic(part) as file, tarfile.open(fileobj=file, mode="w") as tar:
            for snippet, name in zip(plan, names, strict=True):
                sound, seconds = self._sound(recording, snippet)
                lengths.append(seconds)
                if seconds:
                    member = tarfile.TarInfo(f"{name}.{self.output_format}")
                    member.size = len(sound)
                    tar.addfile(member, io.BytesIO(sound))
        return lengths

    def _sound(self, recording: Recording, snippet: dict[str, Any]) -> tuple[bytes, float]:
        import soundfile

        rate = self.target_sample_rate
        samples = read_span(
            recording.source, snippet["start"], snippet["end"], rate, recording=recording
        )
        target = io.BytesIO()
        numbers = whole_numbers(samples, deep=False)
        kind, subtype = self.output_format.upper(), _SUBTYPES[self.output_format]
        soundfile.write(target, numbers, rate, format=kind, subtype=subtype)
        return target.getvalue(), len(samples) / rate

    def _snippet(
        self, task: AudioTask, snippet: dict[str, Any], name: str, seconds: float
    ) -> AudioTask:
        twin = task.fork()
        entry = twin.data
        for key in _OF_THE_FILE:
            entry.pop(key, None)
        entry["snippet_id"] = name
        entry[self.audio_filepath_key] = f"{name}.{self.output_format}"
        entry["duration"] = seconds
        known = {
            "actual_duration": seconds,
            "proposed_duration": seconds,
            "audio_sample_rate": self.target_sample_rate,
            "audio_num_channels": 1,
            "swift_audio_filepath": "",
            "text": snippet_text(snippet),
        }
        entry.update((key, value) for key, value in known.items() if key in entry)
        entry["segments"] = relativize_segments(
            snippet["segments"], snippet["start"], snippet["end"]
        )
        # The sound is in the tar: there is no file to look for.
        twin.filepath_key = None
        return twin

    def _stub(self, task: AudioTask) -> AudioTask:
        twin = task.fork()
        twin.filepath_key = None
        twin.data = {
            "id": task.data.get("id"),
            "snippet_id": None,
            self.audio_filepath_key: None,
            "duration": 0.0,
            "segments": [],
        }
        return twin


def prepare_audio_pretrain_outputs(
    output_manifest_path: str, metrics_path: str, output_audio_tar_path: str
) -> None:
    """Nothing has to be made ready here: each stage looks after its own files when a run begins."""


def finalize_audio_pretrain_outputs(
    output_manifest_path: str, metrics_path: str, output_audio_tar_path: str
) -> None:
    """Make the tar of those of single recordings, by name, and remove these.

    The manifest and the counts are complete when the pipeline has run.

    Raises:
        StorageError: The tar cannot be written.
    """
    folder = output_audio_tar_path + _PARTS
    parts = _parts_in(folder)
    if not parts:
        return
    places: list[tuple[str, str]] = []
    for part in parts:
        with tarfile.open(part) as tar:
            places += [(name, part) for name in tar.getnames()]
    with open_atomic(output_audio_tar_path) as file, tarfile.open(fileobj=file, mode="w") as whole:
        for name, part in sorted(places):
            with tarfile.open(part) as tar:
                member = tar.getmember(name)
                whole.addfile(member, tar.extractfile(member))
    _remove_parts(folder)


def _parts_in(folder: str) -> list[str]:
    return [join(folder, name) for name in list_names(folder) if name.endswith(".tar")]


def _remove_parts(folder: str) -> None:
    """Remove what an earlier run left; files of others stay."""
    parts = _parts_in(folder)
    if parts:
        with take(folder, job="SnippetExtraction", mode="share"):
            for part in parts:
                remove(part)


def build_audio_pretrain_pipeline(
    *,
    input_manifest: str,
    audio_dir: str,
    output_dir: str,
    output_manifest_path: str,
    metrics_path: str,
    max_duration_sec: float,
    tokenizer_path: str,
    output_audio_tar_path: str = "",
    min_duration_sec: float = 0.5,
    min_overlap_sec: float = 0.5,
    max_segment_gap_in_snippet: float = 30.0,
    ngram_n: int = 10,
    ngram_max_count: int = 3,
    target_sample_rate: int = 16_000,
    output_format: str = "flac",
    audio_filepath_key: str = "audio_filepath",
    dataset_name: str = "long_form_audio",
    dry_run: bool = False,
) -> Pipeline:
    """Long recordings with segments into snippets for audio language models; see the stages for the settings.

    Example:
        >>> pipeline = build_audio_pretrain_pipeline(
        ...     input_manifest="talks.jsonl",
        ...     audio_dir="talks",
        ...     output_dir="out",
        ...     output_manifest_path="out/snippets.jsonl",
        ...     metrics_path="out/metrics.json",
        ...     max_duration_sec=120.0,
        ...     tokenizer_path="models/whisper-small",
        ... )
    """
    stages = [
        ReadLongFormManifestStage(
            input_manifest=input_manifest,
            audio_dir=audio_dir,
            audio_filepath_key=audio_filepath_key,
            dataset_name=dataset_name,
        ),
        OverlapFilterStage(min_overlap_sec=min_overlap_sec),
        SnippetCutPlannerStage(
            max_duration_sec=max_duration_sec,
            min_duration_sec=min_duration_sec,
            max_segment_gap_in_snippet=max_segment_gap_in_snippet,
        ),
        SnippetRepetitionFilterStage(
            tokenizer_path=tokenizer_path, ngram_n=ngram_n, ngram_max_count=ngram_max_count
        ),
        SnippetExtractionStage(
            output_dir=output_dir,
            output_audio_tar_path=output_audio_tar_path or str(Path(output_dir) / "snippets.tar"),
            target_sample_rate=target_sample_rate,
            output_format=output_format,
            audio_filepath_key=audio_filepath_key,
            dry_run=dry_run,
        ),
        SnippetManifestWriterStage(output_path=output_manifest_path),
        PretrainMetricsAggregatorStage(output_path=metrics_path),
    ]
    return Pipeline("audio_pretrain_long_form_cut", stages=stages)
