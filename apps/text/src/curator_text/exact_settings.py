"""Settings of `curator-text exact`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from curator_engine.commands.settings import CommonSettings, Flag, Group
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class ExactSettings(CommonSettings):
    """Settings of `curator-text exact`."""

    text_field: Annotated[str, Group.FILES] = "text"
    """Field with the document's text."""
    id_field: Annotated[str | None, Group.FILES] = None
    """Field with the document's id; file and row unless given."""
    normalize: Literal["off", "whitespace", "nfc_lower_whitespace"] = "off"
    """What does not count when texts are compared: off compares bytes; whitespace takes any white space for one space; nfc_lower_whitespace also composes accents (NFC) and lowers case. Documents that stay are written as they were."""
    keep: str = "first"
    """Which of equal documents stays: first, longest, newest[:FIELD] or field:FIELD."""
    format: Annotated[Literal["auto", "jsonl", "parquet"], Group.FILES] = "auto"
    """Format of the input; auto goes by the files' endings, else by their first bytes."""
    max_row: Annotated[str, Group.LIMITS] = "64MB"
    """The longest line that is read; a longer one goes to quarantine by its length."""
    mark: Annotated[Flag, Group.FILES] = False
    """Write all documents to data/, with a column duplicate_of: the id of the one to keep, or null."""
    ids_only: Annotated[Flag, Group.FILES] = False
    """Write no data/, only what would go and why."""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""
    memory: Annotated[str | None, Group.LIMITS] = None
    """Memory that all processes may take together, as 1GB; as much as is of use unless given."""
    max_rejected_ratio: Annotated[float, Group.LIMITS] = 0.05
    """Fail if more than this ratio of the rows cannot be read, in [0, 1]."""
    max_removed_ratio: Annotated[float | None, Group.LIMITS] = None
    """Fail instead of writing data/ if more than this ratio of documents would go, in [0, 1]."""
    cache: Annotated[str | None, Group.FILES] = None
    """Folder for what lies between the steps; OUT/.cache, removed at the end, unless given."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.mark and self.ids_only:
            raise SettingsError("--mark and --ids-only exclude each other; choose one.")
        if self.max_removed_ratio is not None and not 0 <= self.max_removed_ratio <= 1:
            raise SettingsError(f"--max-removed-ratio {self.max_removed_ratio} is not in [0, 1].")
        if not 0 <= self.max_rejected_ratio <= 1:
            raise SettingsError(f"--max-rejected-ratio {self.max_rejected_ratio} is not in [0, 1].")
