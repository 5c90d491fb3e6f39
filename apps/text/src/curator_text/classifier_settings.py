"""Settings of the text jobs that train models which judge texts, and that use them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from curator_engine.commands.settings import CommonSettings, Group, Kind
from curator_engine.errors import SettingsError

_RANGES = {
    "ngrams": (1, 5),
    "bits": (8, 24),
    "epochs": (1, 1000),
    "max_documents": (1, 1 << 40),
    "max_words": (1, 1 << 40),
}
_TWO = 2


@dataclass(frozen=True, kw_only=True)
class TrainSettings(CommonSettings):
    """Settings of `curator-text train`."""

    takes = "GOOD BAD"
    """Texts as they are wanted, then texts as they are not: two files, folders, globs in quotation marks, or URLs."""
    why_whole = "a model is made of all examples"
    text_field: Annotated[str, Group.FILES] = "text"
    """Field with the document's text: also one inside another (meta.body), several (title,body), or a chat (messages)."""
    format: Annotated[Literal["auto", "jsonl", "parquet", "csv", "text", "arrow"], Group.FILES] = (
        "auto"
    )
    """Format of the input; auto goes by the files' endings, else by their first bytes."""
    max_row: Annotated[str, Group.LIMITS, Kind.SIZE] = "64MB"
    """The longest line that is read; a longer one goes to quarantine by its length."""
    held_out: float = 0.2
    """Share of the texts that the model does not see and is tested on, in (0, 1); a hash of the text decides, so copies are on one side."""
    ngrams: int = 2
    """Words of the longest run of words that has a weight of its own, 1 to 5."""
    bits: int = 20
    """The model has 2^bits weights of two bytes each, 8 to 24."""
    epochs: int = 5
    """How often the model sees each text."""
    max_documents: Annotated[int, Group.LIMITS] = 50_000
    """Texts of each kind that count; of more, those with the smallest hashes, which is a sample."""
    max_words: Annotated[int, Group.LIMITS] = 5000
    """Words and marks of a text that count, from its beginning, also when the model is used."""

    @property
    def writes_data(self) -> bool:
        """It leaves a model."""
        return False

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if len(self.inputs) not in (0, _TWO):
            raise SettingsError(
                f"{len(self.inputs)} inputs; train takes two, GOOD and BAD. Put the files of each into a folder, or "
                "write a pattern in quotation marks, as 'good/*.jsonl'."
            )
        if self.limit is not None:
            raise SettingsError(
                "--limit would take texts of GOOD only; use --max-documents, which is for each of both."
            )
        if not 0 < self.held_out < 1:
            raise SettingsError(f"--held-out {self.held_out} is not between 0 and 1.")
        for name, (least, most) in _RANGES.items():
            if not least <= getattr(self, name) <= most:
                option, value = name.replace("_", "-"), getattr(self, name)
                raise SettingsError(f"--{option} {value} is not in [{least:,}, {most:,}].")
