"""Repair of text that was decoded wrongly, by ftfy."""

import re
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.task import ArrowArray
from curator_text.modifiers.doc_modifier import DocumentModifier, matches

_CONTROLS = "\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u206a-\u206f\ufeff\ufff9-\ufffc"
"""What `remove_control_chars`, `remove_terminal_escapes` and `fix_c1_controls` look for."""
_ENTITY = "&#?[0-9A-Za-z]{1,24};"
_ODD_ASCII = re.compile(f"[{_CONTROLS}]|{_ENTITY}")
_MAY_BE_ODD = f"[^\x01-\x7f]|[{_CONTROLS}]|{_ENTITY}"
_FORMS = ("NFC", "NFD", "NFKC", "NFKD")


@positional(
    "config",
    "unescape_html",
    "remove_terminal_escapes",
    "fix_encoding",
    "restore_byte_a0",
    "replace_lossy_sequences",
    "decode_inconsistent_utf8",
    "fix_c1_controls",
    "fix_latin_ligatures",
    "fix_character_width",
    "uncurl_quotes",
    "fix_line_breaks",
    "fix_surrogates",
    "remove_control_chars",
    "normalization",
    "max_decode_length",
    "explain",
)
@dataclass
class UnicodeReformatter(DocumentModifier):
    """Repair text that was decoded wrongly ("donâ€™t"), HTML entities, control characters, by ftfy.

    The settings are ftfy's, with NeMo Curator's defaults. ftfy sees only the texts in which it may find
    something, which leaves out nearly all.

    Example:
        >>> UnicodeReformatter().modify_document("The MonaÃ© Lisa")
        'The Monaé Lisa'
    """

    config: Any = None
    """A `ftfy.TextFixerConfig`, instead of the other settings."""
    _: KW_ONLY
    unescape_html: str | bool = "auto"
    remove_terminal_escapes: bool = True
    fix_encoding: bool = True
    restore_byte_a0: bool = True
    replace_lossy_sequences: bool = True
    decode_inconsistent_utf8: bool = True
    fix_c1_controls: bool = True
    fix_latin_ligatures: bool = False
    fix_character_width: bool = False
    uncurl_quotes: bool = False
    fix_line_breaks: bool = False
    fix_surrogates: bool = True
    remove_control_chars: bool = True
    normalization: str | None = None
    max_decode_length: int = 1_000_000
    explain: bool = True
    """Accepted; no explanation is kept, as in NeMo Curator."""

    def __post_init__(self) -> None:
        if self.normalization not in (None, *_FORMS):
            raise SettingsError(
                f"normalization {self.normalization!r} is none of {', '.join(_FORMS)}."
            )
        if self.unescape_html not in (True, False, "auto"):
            raise SettingsError(
                f"unescape_html {self.unescape_html!r} is none of true, false, auto."
            )

    def modify_document(self, text: str) -> str:
        """The text, repaired."""
        if self._only_odd and not _is_odd(text):
            return text
        import ftfy

        return ftfy.fix_text(text, config=self._config())

    def may_change(self, texts: ArrowArray) -> NDArray[np.bool_] | None:
        """Those with letters beyond ASCII, control characters or entities."""
        return matches(texts, _MAY_BE_ODD) if self._only_odd else None

    @property
    def _only_odd(self) -> bool:
        """Whether nothing changes in text without signs of damage."""
        more = (self.fix_latin_ligatures, self.fix_character_width, self.uncurl_quotes)
        plain = not any(more) and not self.fix_line_breaks and self.normalization is None
        return self.config is None and plain

    def _config(self) -> Any:
        import ftfy

        if self.config is not None:
            return self.config
        names = ftfy.TextFixerConfig._fields
        return ftfy.TextFixerConfig(**{name: getattr(self, name) for name in names})


def _is_odd(text: str) -> bool:
    """Whether ftfy may find something to repair."""
    if _ODD_ASCII.search(text):
        return True
    if text.isascii():
        return False
    from ftfy.badness import is_bad

    return is_bad(text)
