"""Clean speech of one person each out of recordings, by NeMo Curator's stages and under its name."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from curator_audio.recordings.audio_filter_config import load_config, merged
from curator_audio.recordings.concatenate_segments import SegmentConcatenationStage
from curator_audio.recordings.entry_stages import BandFilterStage, MonoConversionStage
from curator_audio.recordings.speaker_separation import SpeakerSeparationStage
from curator_audio.recordings.vad_segmentation import VADSegmentationStage
from curator_audio.scores.sigmos_filter import SIGMOSFilterStage
from curator_audio.scores.utmos_filter import UTMOSFilterStage
from curator_audio.segments.original_times import TimestampMapperStage
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources
from curator_engine.stage import AnyStage, CompositeStage

_STAGES: dict[str, Any] = {
    "mono_conversion": MonoConversionStage,
    "vad": VADSegmentationStage,
    "band_filter": BandFilterStage,
    "utmos": UTMOSFilterStage,
    "sigmos": SIGMOSFilterStage,
    "concatenation": SegmentConcatenationStage,
    "speaker_separation": SpeakerSeparationStage,
    "timestamp_mapper": TimestampMapperStage,
}
"""The stage of each section."""
_NAMES = {"vad": "VAD", "band_filter": "BandFilter", "utmos": "UTMOS", "sigmos": "SIGMOS"}
_OWN = ("enable", "cpus", "gpus")
"""Settings of a section that are none of its stage."""


@positional("config_path", "config", "name")
@dataclass(kw_only=True)
class AudioDataFilterStage(CompositeStage[AudioTask, AudioTask]):
    """Recordings of the wanted rate, cut into speech, filtered, told apart by speaker, filtered again.

    What runs is said by sections of a YAML file, or of a dict over it; see `audio_filter_config.DEFAULTS`. A
    section also takes other settings of its stage, such as `model_path` of `utmos` and `sigmos`, or
    `output_dir` of `concatenation`, without which joined samples are in memory. With speech and speakers on, the segments of a recording are joined
    before speakers are told apart, and times are turned back into those of the recording at last. UTMOS fetches
    its weights, SIGMOS needs a file, and speakers need NeMo unless `model_path` is "campplus".

    Raises:
        InputError: The file cannot be read.
        SettingsError: A section or a key is unknown, or a value is out of its range.

    Example:
        AudioDataFilterStage(config={"speaker_separation": {"model_path": "campplus"},
                                     "utmos": {"enable": False}, "sigmos": {"enable": False}})
    """

    name: str = "AudioDataFilter"
    config_path: str | Path | None = None
    """A YAML file; the defaults unless given."""
    config: dict[str, Any] | None = None
    """Settings that stand over those of the file."""
    _cfg: dict[str, Any] = field(default_factory=dict[str, Any], init=False, repr=False)

    def __post_init__(self) -> None:
        self._cfg = merged(load_config(self.config_path), self.config or {})
        for section, cls in _STAGES.items():
            known = [*_OWN, *(each.name for each in fields(cls) if each.init)]
            if unknown := [key for key in self._cfg[section] if key not in known]:
                raise SettingsError(f"{section}.{unknown[0]} is no setting of {cls.__name__}.")

    def decompose(self) -> list[AnyStage]:
        """The stages that are on, in order."""
        speech, speakers = self._is_on("vad"), self._is_on("speaker_separation")
        stages = [self._made("mono_conversion", "MonoConversion")]
        if speech:
            stages.append(self._made("vad", "VAD", nested=speakers))
        stages += self._filters("")
        if speech and speakers:
            stages.append(self._made("concatenation", "SegmentConcat"))
        if speakers:
            stages.append(self._made("speaker_separation", "SpeakerSeparation"))
            if speech:
                stages.append(self._made("vad", "VAD_Speaker"))
            stages += self._filters("_Speaker")
        return [*stages, self._made("timestamp_mapper", "TimestampMapper")]

    def _filters(self, suffix: str) -> list[AnyStage]:
        sections = ("band_filter", "utmos", "sigmos")
        return [self._made(each, _NAMES[each] + suffix) for each in sections if self._is_on(each)]

    def _is_on(self, section: str) -> bool:
        return bool(self._cfg[section].get("enable", True))

    def _made(self, section: str, name: str, **more: Any) -> AnyStage:
        settings = self._cfg[section]
        own = {key: value for key, value in settings.items() if key not in _OWN}
        needs = Resources(cpus=settings.get("cpus", 1.0), gpus=settings.get("gpus", 0.0))
        stage: AnyStage = _STAGES[section](**own, **more)
        return stage.with_(name=name, resources=needs)
