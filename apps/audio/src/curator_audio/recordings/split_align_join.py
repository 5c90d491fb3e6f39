"""Long recordings word by word: cut at pauses, heard part by part, and joined; with NeMo Curator's name."""

from dataclasses import dataclass
from typing import Literal

from curator_audio.recordings.split_long_audio import (
    JoinSplitAudioMetadataStage,
    SplitLongAudioStage,
)
from curator_audio.task import AudioTask
from curator_audio.transcripts.align_stage import NeMoASRAlignerStage
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage


@positional(
    *("suggested_max_len", "min_len", "model_name", "model_path", "is_fastconformer"),
    *("decoder_type", "max_len", "batch_size", "transcribe_batch_size", "split_batch_size"),
    *("dataloader_num_workers", "infer_segment_only", "compute_timestamps", "timestamp_type"),
    *("text_key", "words_key", "disable_word_confidence", "segments_key", "name"),
)
@dataclass(kw_only=True)
class SplitASRAlignJoinStage(CompositeStage[AudioTask, AudioTask]):
    """`SplitLongAudioStage`, `NeMoASRAlignerStage` and `JoinSplitAudioMetadataStage`, one after the other.

    The second needs NeMo, which is not in our lock; a GPU too, unless
    `with_stages({"NeMoASRAligner": {"resources": Resources()}})` says otherwise. What each setting means is
    written at these stages.

    Example:
        SplitASRAlignJoinStage(suggested_max_len=1800.0, decoder_type="ctc")
    """

    name: str = "SplitASRAlignJoin"
    suggested_max_len: float = 3600.0
    min_len: float = 1.0
    split_dir: str = ""
    """Folder of the parts; beside the recording unless given."""
    model_name: str = "nvidia/parakeet-tdt_ctc-1.1b"
    model_path: str | None = None
    is_fastconformer: bool = True
    decoder_type: Literal["rnnt", "ctc"] = "rnnt"
    max_len: float = 40.0
    batch_size: int | None = 100
    transcribe_batch_size: int = 32
    split_batch_size: int = 5000
    dataloader_num_workers: int = 10
    infer_segment_only: bool = False
    compute_timestamps: bool = True
    timestamp_type: Literal["word", "char"] = "word"
    text_key: str = "text"
    words_key: str = "words"
    disable_word_confidence: bool = False
    segments_key: str = "segments"

    def decompose(self) -> list[AnyStage]:
        """Cut, hear, join."""
        return [
            SplitLongAudioStage(
                suggested_max_len=self.suggested_max_len,
                min_len=self.min_len,
                split_dir=self.split_dir,
            ),
            NeMoASRAlignerStage(
                model_name=self.model_name,
                model_path=self.model_path,
                is_fastconformer=self.is_fastconformer,
                decoder_type=self.decoder_type,
                min_len=self.min_len,
                max_len=self.max_len,
                batch_size=self.batch_size,
                transcribe_batch_size=self.transcribe_batch_size,
                split_batch_size=self.split_batch_size,
                dataloader_num_workers=self.dataloader_num_workers,
                infer_segment_only=self.infer_segment_only,
                compute_timestamps=self.compute_timestamps,
                timestamp_type=self.timestamp_type,
                text_key=self.text_key,
                words_key=self.words_key,
                disable_word_confidence=self.disable_word_confidence,
                segments_key=self.segments_key,
            ),
            JoinSplitAudioMetadataStage(text_key=self.text_key),
        ]
