"""Settings of the jobs on recordings: the options of `curator-audio`, the keys of its YAML files."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from curator_audio.read.decode import RATES
from curator_audio.score_table import ScoreOptions
from curator_engine.commands.settings import (
    BaseSettings,
    CommonSettings,
    Flag,
    Group,
    Kind,
    Must,
)
from curator_engine.errors import SettingsError

_TAKES = "AUDIO..."


@dataclass(frozen=True, kw_only=True)
class SpeechSettings(CommonSettings):
    """How speech is found in recordings, and into what it is cut."""

    takes: ClassVar[str] = _TAKES
    """Recordings, videos, tars, Parquet, lists such as NeMo's manifests, and folders of runs, of which the kept segments count: files, folders, globs or URLs."""
    vad_threshold: Annotated[float, Group.LIMITS] = 0.5
    """Probability from which a moment is speech, above 0 and below 1."""
    max_pause: Annotated[float, Group.LIMITS] = 0.5
    """Stretches of speech are joined over pauses of at most so many seconds."""
    max_segment: Annotated[float, Group.LIMITS] = 60.0
    """Longer stretches are cut at the quietest place, in seconds."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: A number is out of range.
        """
        super().check()
        if not 0 < self.vad_threshold < 1:
            raise SettingsError(f"--vad-threshold {self.vad_threshold:g} is not between 0 and 1.")
        if not self.max_segment >= 4:
            raise SettingsError(f"--max-segment {self.max_segment:g} is below 4.")
        if not self.max_pause >= 0:
            raise SettingsError(f"--max-pause {self.max_pause:g} is below 0.")


@dataclass(frozen=True, kw_only=True)
class CurateSettings(ScoreOptions, SpeechSettings):
    """Settings of `curator-audio curate`; --limit counts input files."""

    why_whole: ClassVar[str] = ""
    takes: ClassVar[str] = _TAKES
    """Recordings, videos, tars, Parquet, lists such as NeMo's manifests, and folders of runs, of which the kept segments count: files, folders, globs or URLs."""
    cut: Literal["speech", "whole"] = "speech"
    """Into what recordings are cut: stretches of speech, or not at all; spans that a list names stay as they are."""
    output_format: Literal["flac", "wav", "opus", "none"] = "flac"
    """How the kept segments are written: as FLAC or WAV, every sample as it was; as Opus of 32 kbit/s per channel; or not at all, so that lists name the input's files and spans."""
    rate: Annotated[int | None, Group.FILES] = None
    """Samples per second of what is written; those of each recording unless given."""
    mono: Annotated[Flag, Group.FILES] = False
    """Average the channels of what is written."""
    dedup: Literal["off", "exact", "near"] = "off"
    """Whether copies among the segments go as well, as by `curator-audio dedup RUN --apply`: the same bytes or samples, or also cut, coded, in noise or faster ones."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: A number is out of range.
        """
        super().check()
        self.check_score_limits()
        if self.shard and self.dedup != "off":
            raise SettingsError(
                "--dedup: copies are looked for among all segments; leave it out with --shard, and use "
                "`curator-audio dedup RUN --apply` on what `merge` makes."
            )
        if self.language and not self.transcribe:
            raise SettingsError("--language has no effect without --transcribe.")
        if self.align and not self.transcribe:
            raise SettingsError("--align has no effect without --transcribe.")
        if self.max_speakers is not None and not self.speakers:
            raise SettingsError("--max-speakers has no effect without --speakers.")
        self.check_least(1, "max_speakers")
        if self.rate is not None and not RATES[0] <= self.rate <= RATES[1]:
            raise SettingsError(f"--rate {self.rate} is not between {RATES[0]} and {RATES[1]}.")
        if self.output_format == "none" and (self.rate or self.mono):
            raise SettingsError("--rate and --mono have no effect with --output-format none.")


@dataclass(frozen=True, kw_only=True)
class VadSettings(SpeechSettings):
    """Settings of `curator-audio vad`; --limit counts input files."""

    takes: ClassVar[str] = _TAKES
    """Recordings, videos, tars, Parquet, lists such as NeMo's manifests, and folders of runs: files, folders, globs or URLs."""


@dataclass(frozen=True, kw_only=True)
class TranscribeSettings(SpeechSettings):
    """Settings of `curator-audio transcribe`; --limit counts input files."""

    takes: ClassVar[str] = _TAKES
    """Recordings, videos, tars, Parquet, lists such as NeMo's manifests, and folders of runs, of which the kept segments count: files, folders, globs or URLs."""
    model: Annotated[str, Group.MODELS] = "draft"
    """What writes: "draft" for Whisper tiny.en of the extra draft, English and for a first look; a model's folder or hub id; or the URL of an OpenAI-compatible endpoint."""
    language: Annotated[str | None, Group.MODELS] = None
    """Code of the language that is spoken; found out unless given."""
    align: Annotated[Flag, Group.MODELS] = False
    """Find when the words of the text that came with a segment are said as well; with --cut whole that of a recording."""
    cut: Literal["speech", "whole"] = "speech"
    """Into what recordings are cut: stretches of speech, or not at all; spans that a list names stay as they are."""
    speakers: Annotated[Flag, Group.MODELS] = False
    """Say who speaks as well: with the extra speakers."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where models of speech run."""


@dataclass(frozen=True, kw_only=True)
class DiarizeSettings(SpeechSettings):
    """Settings of `curator-audio diarize`; --limit counts input files."""

    takes: ClassVar[str] = _TAKES
    """Recordings, videos, tars, Parquet, lists such as NeMo's manifests, and folders of runs: files, folders, globs or URLs."""
    max_speakers: int | None = None
    """Most speakers of a recording; as many as there are unless given."""
    rttm: Annotated[str | None, Group.FILES, Kind.FOLDER, Must.EXIST] = None
    """Folder of RTTM files that say who truly speaks when, by the names of recordings; the error rate is told."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where models of speech run."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: A number is out of range.
        """
        super().check()
        self.check_least(1, "max_speakers")


@dataclass(frozen=True, kw_only=True)
class WerSettings(CommonSettings):
    """Settings of `curator-audio wer`; --limit counts input files."""

    takes: ClassVar[str] = "TEXTS..."
    """What recognisers wrote, with references or without: JSON lines such as NeMo's manifests, CSV, Parquet, .trn, .txt (an id and its words in a line), and folders of runs: files, folders, globs or URLs."""
    why_whole: ClassVar[str] = "its rates are of all texts together"
    references: Annotated[list[str], Group.FILES] = field(default_factory=list[str])
    """Files with the references, as the input may be, where its rows have none; rows are found by their ids."""
    reference_field: Annotated[str | None, Group.FILES] = None
    """Field of what was said; text, reference, sentence or transcription unless given."""
    hypothesis_field: Annotated[str | None, Group.FILES] = None
    """Field of what a recogniser wrote; pred_text, hypothesis, prediction or transcript unless given."""
    id_field: Annotated[str | None, Group.FILES] = None
    """Field of the id; id, utt_id, uuid, segment_id, name, or the name of the recording unless given."""
    by: list[str] = field(default_factory=lambda: ["speaker", "source"])
    """Fields for whose values rates are told as well; source is the file of the input."""
    language: str = "en"
    """Code of the language of the texts: English has numbers, contractions and fillers brought into one form."""
    normalize: Literal["on", "off"] = "on"
    """Whether capitals, punctuation and the spelling of numbers are left out of account."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: A field has the name of a column of the result.
        """
        from curator_audio.transcripts.compared import RESERVED

        super().check()
        if taken := sorted(RESERVED.intersection(self.by)):
            raise SettingsError(
                f"--by {taken[0]}: the result has a column of its own by this name."
            )


@dataclass(frozen=True, kw_only=True)
class ProbeSettings(BaseSettings):
    """Settings of `curator-audio probe`."""

    takes: ClassVar[str] = _TAKES
    """Recordings, videos, tars, Parquet and lists: files, folders, globs or URLs."""
