"""Tools that tell the language of a text, behind one face.

Each has a score of its own kind, so a threshold is one tool's: pycld2's is the share of the text that is in the
language, py3langid's and fastText's a probability, eldc's a score of its own.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from curator_engine.errors import InputError, SettingsError
from curator_text.language.codes import UNDETERMINED, is_code, normalized, tag

type DetectorName = Literal["pycld2", "py3langid", "eldc"]

_LEAST_SHARE = 0.1
"""Of a text, that another language needs to be named."""
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that pycld2 refuses: control characters, halves of characters, none at all."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The language of a text."""

    language: str
    """ISO 639-3, or und."""
    script: str = ""
    """ISO 15924, if the tool says it."""
    score: float | None = None
    """Of the tool's own kind; None if nothing was found."""
    others: tuple[str, ...] = ()
    """Further languages of the text, the most of it first."""


NOTHING = Found(language=UNDETERMINED)


@dataclass(kw_only=True)
class Detector(ABC):
    """Tells the language of texts."""

    reliable: bool = False
    """Whether a language of which the tool itself is not sure counts as undetermined."""

    @abstractmethod
    def detect(self, text: str) -> Found:
        """The language of a text."""

    @abstractmethod
    def languages(self) -> frozenset[str]:
        """The languages that it may give."""


@dataclass(kw_only=True)
class Pycld2(Detector):
    """Compact Language Detector 2; also tells several languages in one text."""

    def detect(self, text: str) -> Found:
        """The language of most of the text, with its share."""
        import pycld2

        given: dict[str, Any] = {"isPlainText": True, "bestEffort": not self.reliable}
        try:
            reliable, _, found = pycld2.detect(text.encode("utf-8", "replace"), **given)
        except pycld2.error:
            reliable, _, found = _detect_cleaned(text, given)
        known = [(label, percent) for _, label, percent, _ in found if _is_language(label)]
        if not known or (self.reliable and not reliable):
            return NOTHING
        language, script = normalized(known[0][0])
        others = [
            tag(*normalized(label)) for label, percent in known[1:] if percent >= 100 * _LEAST_SHARE
        ]
        is_chinese = known[0][0] == "zh"
        return Found(
            language=language,
            script="Hans" if is_chinese else script,
            score=known[0][1] / 100,
            others=tuple(others),
        )

    def languages(self) -> frozenset[str]:
        """Those of its tables."""
        import pycld2

        labels = dict(pycld2.LANGUAGES)
        known = [labels[name] for name in pycld2.DETECTED_LANGUAGES if name in labels]
        return frozenset(normalized(label)[0] for label in known if _is_language(label))


def _detect_cleaned(text: str, given: dict[str, Any]) -> Any:
    """As pycld2 without the characters that it refuses; nothing if it refuses others."""
    import pycld2

    plain = _NO_TEXT.sub(" ", text).encode("utf-8", "replace").decode()
    for attempt in (plain, "".join(c if c.isprintable() or c.isspace() else " " for c in plain)):
        try:
            return pycld2.detect(attempt.encode(), **given)
        except pycld2.error:
            continue
    return False, 0, ()


def _is_language(label: str) -> bool:
    return label not in ("un", "") and not label.startswith(("xx", "tlh", "zzp", "zzb", "zzh"))


@dataclass(kw_only=True)
class Py3langid(Detector):
    """Naive Bayes over byte n-grams."""

    def detect(self, text: str) -> Found:
        """The likeliest language and its probability."""
        if not any(map(str.isalpha, text)):
            return NOTHING
        label, score = _langid().classify(text)
        language, script = normalized(str(label))
        return Found(language=language, script=script, score=float(score))

    def languages(self) -> frozenset[str]:
        """Those of its model."""
        return frozenset(normalized(str(label))[0] for label in _langid().labels)


@cache
def _langid() -> Any:
    _require("py3langid")
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@dataclass(kw_only=True)
class Eldc(Detector):
    """Efficient Language Detector; looks at the beginning of a text only."""

    def detect(self, text: str) -> Found:
        """The likeliest language and its score."""
        found = _eldc().detect_details(text.encode("utf-8", "replace").decode())
        label = str(found.language)
        if label == UNDETERMINED or not label or (self.reliable and not found.reliable):
            return NOTHING
        language, script = normalized(label)
        scores = dict(found.scores or {})
        return Found(language=language, script=script, score=_as_float(scores.get(label)))

    def languages(self) -> frozenset[str]:
        """Those of its tables."""
        return frozenset(normalized(str(label))[0] for label in _eldc().LANGUAGES)


def _as_float(value: Any) -> float | None:
    return None if value is None else float(value)


@cache
def _eldc() -> Any:
    _require("eldc")
    import eldc

    eldc.init()
    return eldc


@dataclass(kw_only=True)
class FastText(Detector):
    """A supervised fastText model such as lid.176, GlotLID or OpenLID."""

    path: str
    """The file of the model."""
    _labels: dict[str, tuple[str, str]] = field(
        default_factory=dict[str, tuple[str, str]], init=False, repr=False
    )

    def detect(self, text: str) -> Found:
        """The likeliest label and its probability; line ends are taken for spaces, as the model takes one line."""
        line = " ".join(text.encode("utf-8", "replace").decode().split())
        found: Any = _fasttext(self.path).predict(line) if line else ((), ())
        labels, scores = found
        if not len(labels):
            return NOTHING
        label = str(labels[0])
        if label not in self._labels:
            self._labels[label] = normalized(label, is_wikipedia=_is_lid_176(self.path))
        language, script = self._labels[label]
        return Found(language=language, script=script, score=min(1.0, float(scores[0])))

    def languages(self) -> frozenset[str]:
        """Not told by the package, so any."""
        return frozenset()


def _is_lid_176(path: str) -> bool:
    return Path(path).name.startswith("lid.176")


@cache
def _fasttext(path: str) -> Any:
    _require("fasttext", package="fasttext-predict")
    import fasttext

    if not Path(path).is_file():
        raise InputError(f"no model at {path}; give the file of a fastText model.")
    try:
        return fasttext.load_model(path)
    except ValueError as error:
        raise InputError(f"{path} is no fastText model: {error}.") from error


def _require(module: str, *, package: str = "") -> None:
    if find_spec(module) is None:
        raise SettingsError(
            f"the package {package or module} is not installed; install curator-text[langid]."
        )


def make_detector(name: DetectorName, *, model: str | None, reliable: bool) -> Detector:
    """The detector of some settings, made ready, so that what it lacks shows before any work.

    Raises:
        SettingsError: Its package is not installed.
        InputError: The model is not there, or no model.
    """
    if model is not None:
        _fasttext(model)
        return FastText(path=model, reliable=reliable)
    kinds: dict[str, type[Detector]] = {"pycld2": Pycld2, "py3langid": Py3langid, "eldc": Eldc}
    detector = kinds[name](reliable=reliable)
    detector.languages()
    return detector


def wanted_languages(given: Sequence[str], detector: Detector) -> list[str]:
    """Languages as a person names them, normalized: deu, or deu_Latn.

    Args:
        given: Codes, also several with commas between them.
        detector: What must be able to give them.

    Raises:
        SettingsError: One is no code, or the detector does not know it.
    """
    wanted: list[str] = []
    known = detector.languages()
    for code in (each.strip() for one in given for each in one.split(",")):
        language, script = normalized(code)
        if not code or not is_code(language):
            raise SettingsError(
                f"{code!r} is no code of a language; write it as en, deu or deu_Latn."
            )
        if known and language not in {*known, UNDETERMINED}:
            raise SettingsError(
                f"the detector has no language {code!r} ({language}); it has {', '.join(sorted(known))}."
            )
        wanted.append(tag(language, script))
    return list(dict.fromkeys(wanted))
