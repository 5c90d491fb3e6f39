"""Settings of the text jobs that look at what texts say: their language, and what of evaluation sets is in them."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Literal

from curator_engine.commands.settings import Flag, Group, Kind, Must
from curator_engine.errors import SettingsError
from curator_text.settings import RemovalSettings

_LONGEST_NGRAM = 1000
"""Words."""


@dataclass(frozen=True, kw_only=True)
class LangidSettings(RemovalSettings):
    """Settings of `curator-text langid`."""

    why_whole = ""
    detector: Literal["pycld2", "py3langid", "eldc"] = "pycld2"
    """What tells languages: pycld2 knows 160 and tells several in one text, py3langid 139 at a tenth of the speed, eldc 60 by the beginnings of texts."""
    model: Annotated[str | None, Group.MODELS, Kind.FILE] = None
    """File of a fastText model such as lid.176.bin, GlotLID or OpenLID, instead of --detector."""
    keep: list[str] = field(default_factory=list[str])
    """Languages that stay, as en,deu,zho_Hant; und is what was not determined. All stay unless given."""
    min_score: float | None = None
    """Score in [0, 1] below which a language counts as und; of pycld2 it is the share of the text, of others a probability."""
    reliable: Annotated[Flag, Group.DONE] = False
    """Take for und what pycld2 or eldc themselves are not sure of, such as very short texts."""
    language_field: Annotated[str, Group.FILES] = "language"
    """Field that each row gets; with LANGUAGE_script, LANGUAGE_score and other_LANGUAGEs. One that is there is replaced."""
    split_by_language: Annotated[Flag, Group.FILES] = False
    """Write data/language=xxx/ for each language."""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.model is not None and self.detector != "pycld2":
            raise SettingsError("--model and --detector exclude each other; choose one.")
        if self.split_by_language and self.forms_data:
            raise SettingsError(
                "--split-by-language leaves files as they are; for another form, use "
                f"--partition-by {self.language_field} instead."
            )
        if self.min_score is not None and not 0 <= self.min_score <= 1:
            raise SettingsError(f"--min-score {self.min_score} is not in [0, 1].")
        if "language" in (self.text_field, self.id_field) and self.language_field == "language":
            raise SettingsError("the field language is another option's; use --language-field.")
        if not re.fullmatch(r"[A-Za-z_][\w.-]*", self.language_field):
            raise SettingsError(
                f"--language-field {self.language_field!r} is no name of letters, digits, _, . and -."
            )


@dataclass(frozen=True, kw_only=True)
class DecontaminateSettings(RemovalSettings):
    """Settings of `curator-text decontaminate`."""

    why_whole = ""
    against: Annotated[list[str], Group.FILES, Kind.FILE, Must.EXIST] = field(
        default_factory=list[str]
    )
    """Evaluation sets: files or folders of JSON lines, Parquet, CSV, TSV or plain lines; may be given several times."""
    against_field: Annotated[list[str], Group.FILES] = field(default_factory=list[str])
    """Fields of the evaluation sets that count, each for itself; all that have text unless given."""
    ngram: int = 13
    """Words of an n-gram; letters and digits are compared, not case, accents, punctuation and white space."""
    min_overlap: float = 0.5
    """Share of an evaluation item's n-grams in a document from which the document goes, in [0, 1]; 0: any one n-gram."""
    min_words: int = 8
    """Evaluation items of fewer words are not looked for; those of fewer than --ngram are compared whole."""
    remove: Literal["document", "span"] = "document"
    """What goes: the document, or the passages that are of evaluation items, as long as --min-chars-left characters stay."""
    around: int = 0
    """With --remove span, characters before and behind a passage that go with it; GPT-3 took 200."""
    min_chars_left: int = 200
    """With --remove span, a document of which fewer characters are left goes whole."""
    max_matches: int | None = None
    """N-grams that occur in more documents than this do not count; all count unless given."""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.inputs and not self.against:
            raise SettingsError("no evaluation sets; name files or folders by --against.")
        if not 0 <= self.min_overlap <= 1:
            raise SettingsError(f"--min-overlap {self.min_overlap} is not in [0, 1].")
        if not 1 <= self.ngram <= _LONGEST_NGRAM:
            raise SettingsError(f"--ngram {self.ngram} is not in [1, {_LONGEST_NGRAM}].")
        if self.shard and self.max_matches is not None:
            raise SettingsError(
                "--max-matches counts documents of the whole input; leave it out with --shard."
            )
        self.check_least(1, "min_words", "max_matches")
        self.check_least(0, "around", "min_chars_left")
        if self.around and self.remove != "span":
            raise SettingsError("--around is for --remove span; a whole document goes without it.")
