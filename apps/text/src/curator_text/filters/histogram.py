"""A filter by the characters that are usual in a language, with NeMo Curator's name, parameters and defaults.

Source: NLLB (Costa-jussa et al. 2022, page 30).
"""

from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_dir

from curator_engine.errors import SettingsError
from curator_text.filters.doc_filter import DocumentFilter

_FOLDER = "histograms/checkpoint/edunov/cc60_multilingual/clean_hists"
_WHERE = "https://dl.fbaipublicfiles.com/m2m_100/histograms.tar.gz"


@dataclass
class HistogramFilter(DocumentFilter):
    """Keep documents of which a large enough part are characters that are usual in a language.

    The lists of characters are not downloaded here: unpack them into the folder `histograms` of `cache_dir`.
    """

    lang: str = "en"
    threshold: float = 0.8
    """A document stays if the share of such characters is larger."""
    cache_dir: str = field(default="", kw_only=True)
    """Where `histograms/` is; empty: the user's folder for caches."""
    threshold_char: str = field(default="]", kw_only=True)
    """Characters behind this one in a list are not usual."""
    name = "histogram"
    _usual: frozenset[str] = field(default_factory=frozenset[str], init=False, repr=False)

    def __post_init__(self) -> None:
        path = Path(self.cache_dir or user_cache_dir(), _FOLDER, self.lang)
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except OSError as error:
            raise SettingsError(
                f"lang={self.lang!r}: {path} cannot be read ({error.strerror}); unpack {_WHERE} into "
                f"{Path(self.cache_dir or user_cache_dir(), 'histograms')}."
            ) from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"{path} is no list of characters in UTF-8.") from error
        chars = [line[0] for line in lines if line]
        end = chars.index(self.threshold_char) if self.threshold_char in chars else len(chars)
        self._usual = frozenset(chars[:end])

    def score_document(self, text: str) -> float:
        """1 for a document with a large enough share of usual characters, else 0; an empty one has none."""
        found = sum(char in self._usual for char in text.strip())
        return float(bool(text) and found / len(text) > self.threshold)

    def keep_document(self, score: float) -> bool:
        """Whether the share is large enough."""
        return score == 1
