"""Transcripts as one writes them: numbers and dates in digits, and Chinese in simplified signs.

By packages of the extra `written-form`: wetext (grammars for English, Chinese and Japanese) and opencc.
"""

import importlib
from dataclasses import dataclass, field
from typing import Any

from curator_audio.task import AudioTask
from curator_engine.errors import ResourceError, SettingsError
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage

_LANGUAGES = ("en", "ja", "zh")


@dataclass(kw_only=True)
class _SegmentTexts(ProcessingStage[AudioTask, AudioTask]):
    """Base of stages that write another form of the text of each segment of an entry."""

    text_key: str = "text"
    """Key of a segment's text."""
    _other: Any = field(default=None, init=False, repr=False)
    _ending = ""

    def inputs(self) -> tuple[list[str], list[str]]:
        """Segments."""
        return [], ["segments"]

    def teardown(self) -> None:
        """Let the grammars go."""
        self._other = None

    def process(self, task: AudioTask) -> AudioTask:
        """Set the other form, where there is a text; white space alone is none."""
        for segment in task.data.get("segments") or []:
            text = str(segment.get(self.text_key) or "")
            if text.strip():
                segment[self.text_key + self._ending] = self.written(text)
        return task

    def written(self, text: str) -> str:
        """The other form of a text."""
        raise NotImplementedError


@positional("language", "text_key", "name")
@dataclass(kw_only=True)
class InverseTextNormalizationStage(_SegmentTexts):
    """Write the text of segments with digits, as `text_ITN`: "twenty three dollars" becomes "$23".

    By the package wetext, whose grammars are those of WeTextProcessing. NeMo Curator asks NeMo's, which
    are those that wetext's English ones came of.

    Raises:
        SettingsError: There are no grammars of this language.

    Example:
        InverseTextNormalizationStage("en")
    """

    name: str = "InverseTextNormalization"
    language: str = "en"
    """en, ja or zh."""
    _ending = "_ITN"

    def __post_init__(self) -> None:
        if self.language not in _LANGUAGES:
            raise SettingsError(
                f"language={self.language!r} has no grammars here; there are {', '.join(_LANGUAGES)}."
            )

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the grammars.

        Raises:
            ResourceError: The package is not installed.
        """
        self._other = _package("wetext").Normalizer(lang=self.language, operator="itn")

    def written(self, text: str) -> str:
        """With digits."""
        return str(self._other.normalize(text))


@positional("text_key", "convert_type", "name")
@dataclass(kw_only=True)
class ChineseConversionStage(_SegmentTexts):
    """Write the text of segments in simplified signs, as `text_simplified`, by OpenCC.

    Example:
        ChineseConversionStage(convert_type="t2s")
    """

    name: str = "ChineseConversion"
    convert_type: str = "t2s"
    """OpenCC's name of the conversion: t2s, s2t, tw2s, hk2s and others."""
    _ending = "_simplified"

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the tables.

        Raises:
            ResourceError: The package is not installed.
            SettingsError: It has no such conversion.
        """
        package = _package("opencc")
        try:
            self._other = package.OpenCC(self.convert_type)
        except (OSError, ValueError, RuntimeError) as error:
            raise SettingsError(
                f"convert_type={self.convert_type!r} is none of OpenCC's."
            ) from error

    def written(self, text: str) -> str:
        """In the other signs."""
        return str(self._other.convert(text))


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ResourceError(
            f"this needs the package {name}: pip install 'curator-audio[written-form]'"
        ) from error
