"""What is said in long recordings, or in each segment of them, word by word with times; with NeMo Curator's names.

`BaseASRProcessorStage` knows the entries; a subclass knows a recogniser. NeMo is not in our lock, so
`NeMoASRAlignerStage` is written by its documents and has not run here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.outside_package import outside_package
from curator_audio.read.decode import SPEECH_RATE, open_audio, read_span
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import NodeInfo, Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage, Produced

ALIGNMENT = "alignment"
"""Key of the words of a whole recording, with times in seconds."""
PARTS, PART_FILES = "split_metadata", "split_filepaths"
"""Keys of what is known of each part of a recording that was cut, and of their files."""
RESAMPLED = "resampled_audio_filepath"
_MOST_SAMPLES = 3600 * SPEECH_RATE
"""Samples of segments that are in memory at once: an hour, 230 MB."""
_MODELS = "nemo.collections.asr"
_PACKAGE = "nemo_toolkit[asr]"
_LATE = 0.08
"""Seconds by which NeMo's transducers say words too late."""
_UNKNOWN = "⁇"
"""What NeMo writes for what is in no vocabulary."""

type Words = list[dict[str, Any]]
type Sound = str | NDArray[np.float32]
"""A file, or samples of one channel at 16,000 Hz, shape (samples,)."""
type Heard = tuple[Words, str]
"""Words with `word`, `start` and `end` in seconds of their sound, and the text."""

_ORDER = (
    *("min_len", "max_len", "batch_size", "dataloader_num_workers", "split_batch_size"),
    *("infer_segment_only", "text_key", "words_key", "compute_timestamps", "segments_key"),
    *("name", "resources"),
)


@positional(*_ORDER)
@dataclass(kw_only=True)
class BaseASRProcessorStage(ProcessingStage[AudioTask, AudioTask]):
    """Base of stages that write texts and words into recordings that were cut, or into their segments.

    A subclass loads its model in `setup` and writes `hear`. Of a recording that `SplitLongAudioStage` cut,
    each part gets its text and `alignment`, which `JoinSplitAudioMetadataStage` joins; one that was not
    cut gets them itself. With `infer_segment_only`, each segment gets its text, and words with times of the
    recording.

    Example:
        >>> class Aligner(BaseASRProcessorStage):
        ...     def setup(self, worker_metadata=None):
        ...         self.model = load()
        ...
        ...     def hear(self, sounds):
        ...         return [(each.words, each.text) for each in self.model(sounds)]
    """

    name: str = "BaseASRProcessor"
    min_len: float = 1.0
    """Seconds; shorter segments get no text."""
    max_len: float = 40.0
    """Not used: segments come as they are to be heard, from `PrepareModuleSegmentsStage` or a VAD."""
    batch_size: int | None = 32
    dataloader_num_workers: int = 10
    """Processes in which the recogniser reads files, where it has some."""
    split_batch_size: int = 5000
    """Files or segments that the recogniser gets at once, at most."""
    infer_segment_only: bool = False
    """Hear segments, not whole recordings."""
    text_key: str = "text"
    words_key: str = "words"
    """Key of a segment's words."""
    compute_timestamps: bool = True
    """Whether words and their times are asked for."""
    segments_key: str = "segments"
    resources: Resources = field(default_factory=lambda: Resources(gpus=1))

    def __post_init__(self) -> None:
        if self.split_batch_size < 1 or self.min_len < 0:
            raise SettingsError("split_batch_size must be > 0 and min_len >= 0.")

    def hear(self, sounds: Sequence[Sound]) -> list[Heard]:
        """Words and text of each sound, in their order."""
        raise NotImplementedError(f"{type(self).__name__} must define hear().")

    def inputs(self) -> tuple[list[str], list[str]]:
        """Segments, where these are heard."""
        return [], [self.segments_key] if self.infer_segment_only else []

    def process(self, task: AudioTask) -> AudioTask:
        """Hear one entry."""
        self.process_batch([task])
        return task

    def process_batch(self, tasks: list[AudioTask]) -> list[Produced]:
        """Hear some entries.

        Raises:
            AudioError: A recording cannot be decoded.
        """
        entries = [task.data for task in tasks]
        if self.infer_segment_only:
            self._hear_segments(entries)
        else:
            self._hear_files(entries)
        return list(tasks)

    def _hear_files(self, entries: list[dict[str, Any]]) -> None:
        wanted: list[tuple[str, dict[str, Any]]] = []
        for entry in entries:
            files, parts = entry.get(PART_FILES), entry.get(PARTS) or []
            if files is None:
                wanted.append((str(_path_of(entry)), entry))
            elif not files:
                entry.update({self.text_key: "", ALIGNMENT: []})
            for number, file in enumerate(files or []):
                wanted.append((str(file), parts[number] if number < len(parts) else entry))
        for group in batched(wanted, self.split_batch_size):
            heard = self.hear([path for path, _ in group])
            for (_, target), (words, text) in zip(group, heard, strict=True):
                target[self.text_key] = text
                target[ALIGNMENT] = words

    def _hear_segments(self, entries: list[dict[str, Any]]) -> None:
        for group in self._groups(self._cut(entries, self.segments_key)):
            heard = self.hear([each["audio_segment"] for each in group])
            for place, (words, text) in zip(group, heard, strict=True):
                entry = entries[place["metadata_idx"]]
                segment = entry[self.segments_key][place["segment_idx"]]
                segment[self.text_key] = text
                if self.compute_timestamps:
                    begin = segment["start"]
                    segment[self.words_key] = [shifted(word, begin) for word in words]

    def _groups(self, cut: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
        group: list[dict[str, Any]] = []
        samples = 0
        for each in cut:
            group.append(each)
            samples += len(each["audio_segment"])
            if len(group) >= self.split_batch_size or samples >= _MOST_SAMPLES:
                yield group
                group, samples = [], 0
        if group:
            yield group

    def _prepare_segment_batch_with_metadata(
        self,
        metadata_batch: Sequence[Mapping[str, Any]],
        *,
        cut_audio_segments: bool = False,
        segments_key: str = "segments",
    ) -> list[dict[str, Any]]:
        """The segments of some entries with their places, for subclasses of NeMo Curator's users.

        Args:
            metadata_batch: The entries.
            cut_audio_segments: Give samples (`audio_segment`) of segments that are long enough; else the files
                of segments that have one.
            segments_key: Key of the segments.

        Returns:
            By segment: `metadata_idx`, `segment_idx`, and the samples or the file.
        """
        if cut_audio_segments:
            return list(self._cut(metadata_batch, segments_key))
        return [
            {RESAMPLED: segment[RESAMPLED], "metadata_idx": entry, "segment_idx": number}
            for entry, metadata in enumerate(metadata_batch)
            for number, segment in enumerate(metadata.get(segments_key) or [])
            if RESAMPLED in segment
        ]

    def _cut(
        self, entries: Sequence[Mapping[str, Any]], segments_key: str
    ) -> Iterator[dict[str, Any]]:
        for at, entry in enumerate(entries):
            recording = None
            for number, segment in enumerate(entry.get(segments_key) or []):
                start, end = float(segment.get("start", 0.0)), float(segment.get("end", 0.0))
                if end - start < self.min_len or not _path_of(entry):
                    continue
                path = str(_path_of(entry))
                recording = recording or open_audio(path)
                samples = read_span(path, start, end, recording=recording)
                if len(samples):
                    yield {"audio_segment": samples, "metadata_idx": at, "segment_idx": number}


@positional(
    *_ORDER,
    *("model_name", "model_path", "is_fastconformer", "decoder_type", "use_cuda_graphs"),
    *("transcribe_batch_size", "timestamp_type", "disable_word_confidence"),
)
@dataclass(kw_only=True)
class NeMoASRAlignerStage(BaseASRProcessorStage):
    """Texts and words with times by a model of the NeMo toolkit, as FastConformer or Parakeet.

    It has not run here: NeMo is not in our lock. With resources that have no GPU it runs on CPUs.

    Raises:
        SettingsError: There is no such decoder.

    Example:
        NeMoASRAlignerStage(model_name="nvidia/stt_en_fastconformer_ctc_large", decoder_type="ctc")
    """

    name: str = "NeMoASRAligner"
    batch_size: int | None = 100
    model_name: str = "nvidia/parakeet-tdt_ctc-1.1b"
    """Of a published model, which is fetched."""
    model_path: str | None = None
    """Of a `.nemo` file, instead."""
    is_fastconformer: bool = True
    """Whether the encoder has a frame per 8 windows, and attends to its surroundings only; else per 4."""
    decoder_type: Literal["rnnt", "ctc"] = "rnnt"
    use_cuda_graphs: bool = True
    """Whether a transducer decodes by CUDA graphs."""
    transcribe_batch_size: int = 32
    """Sounds that the model computes at once."""
    timestamp_type: Literal["word", "char"] = "word"
    """Whether times are of words or of letters."""
    disable_word_confidence: bool = False
    """Whether words get no confidence."""
    _asr_model: Any = field(default=None, repr=False)
    """A model that has been loaded, which is taken as it is."""
    _override_cfg: Any = field(default=None, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.decoder_type not in ("ctc", "rnnt"):
            raise SettingsError(f"decoder_type={self.decoder_type!r} is none; give ctc or rnnt.")

    def setup_on_node(
        self, node_info: NodeInfo | None = None, worker_metadata: WorkerMetadata | None = None
    ) -> None:
        """Fetch the weights.

        Raises:
            ResourceError: NeMo is not installed.
        """
        if self._asr_model is None:
            self._load()

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model and say how it decodes.

        Raises:
            ResourceError: NeMo is not installed.
        """
        if self._override_cfg is not None:
            return
        model = self._asr_model or self._load()
        self._asr_model = model.to("cuda" if self.resources.requires_gpu else "cpu").eval()
        if self.is_fastconformer:
            model.change_attention_model(
                self_attention_model="rel_pos_local_attn", att_context_size=[128, 128]
            )
            model.change_subsampling_conv_chunking_factor(1)
        model.change_decoding_strategy(decoding_cfg=self._decoding())
        config = self._override_cfg = model.get_transcribe_config()
        config.batch_size = self.transcribe_batch_size
        config.num_workers = self.dataloader_num_workers
        config.return_hypotheses = True
        config.timestamps = self.compute_timestamps

    def _load(self) -> Any:
        models = outside_package(f"{_MODELS}.models", _PACKAGE).ASRModel
        if self.model_path:
            return models.restore_from(restore_path=self.model_path)
        return models.from_pretrained(model_name=self.model_name)

    def _decoding(self) -> Any:
        parts = f"{_MODELS}.parts.submodules"
        if self.decoder_type == "ctc":
            config = outside_package(f"{parts}.ctc_decoding", _PACKAGE).CTCDecodingConfig()
            config.strategy = "greedy_batch"
        else:
            config = outside_package(f"{parts}.rnnt_decoding", _PACKAGE).RNNTDecodingConfig()
            config.rnnt_timestamp_type = self.timestamp_type
            config.greedy.use_cuda_graph_decoder = self.use_cuda_graphs
        config.preserve_alignments = config.compute_timestamps = self.compute_timestamps
        config.greedy.compute_timestamps = self.compute_timestamps
        config.confidence_cfg.preserve_word_confidence = not self.disable_word_confidence
        return config

    def teardown(self) -> None:
        """Let the model go."""
        self._asr_model = self._override_cfg = None

    def hear(self, sounds: Sequence[Sound]) -> list[Heard]:
        """Words and text of each sound, by the model."""
        found = self._asr_model.transcribe(list(sounds), override_config=self._override_cfg)
        # Transducers of earlier versions give their best hypotheses and all of them.
        best = found[0] if isinstance(found, tuple) else found
        return [self.get_alignments_text(each) for each in best]

    def get_alignments_text(self, hypotheses: Any) -> Heard:
        """Words and text of one hypothesis of NeMo's.

        Args:
            hypotheses: With `text`, `timestamp` by kind in frames, and `word_confidence`.
        """
        if not self.compute_timestamps:
            return [], str(hypotheses.text)
        frame = (8 if self.is_fastconformer else 4) * self._asr_model.cfg.preprocessor.window_stride
        late = 0.0 if self.decoder_type == "ctc" else _LATE
        sure = hypotheses.word_confidence
        confidences = [] if sure is None else [round(float(each), 4) for each in sure]
        words: Words = []
        for number, stamp in enumerate(hypotheses.timestamp[self.timestamp_type]):
            start, end = (
                round(max(0.0, stamp[key] * frame - late), 3)
                for key in ("start_offset", "end_offset")
            )
            word = stamp.get("word", stamp.get("char", ""))
            known = confidences[number] if number < len(confidences) else None
            words.append({"word": word, "start": start, "end": end, "confidence": known})
        by_words = " ".join(each["word"] for each in words)
        text = by_words if self.timestamp_type == "word" else str(hypotheses.text)
        return words, text.replace(_UNKNOWN, "")


def _path_of(entry: Mapping[str, Any]) -> Any:
    return entry.get(RESAMPLED) or entry.get("audio_filepath")


def shifted(word: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """A word whose `start` and `end` are later by some seconds."""
    times = {key: round(word.get(key, 0.0) + seconds, 3) for key in ("start", "end")}
    return {**word, **times}
