"""Settings of the commands that take finished runs: `search`, `explain`, `diff` and `forget`."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from curator_engine.commands import item_settings as items
from curator_engine.commands.settings import BaseSettings, Flag, Group
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class SearchSettings(items.SearchSettings):
    """Settings of `curator-text search`; the inputs are the folder of a run and what to look for."""

    takes: ClassVar[str] = "RUN QUERY"
    """Folder of a finished run of `embed`, or of `semantic` over its vectors, and a text in quotes."""
    like: str | None = None
    """A document instead of a text: its id, or FILE:ROW, rows counted from 0."""
    where: str | None = None
    """Look only at documents that meet a condition on the columns of the table, as "file == 'a.jsonl'"."""
    api_key_env: Annotated[str, Group.MODELS] = "CURATOR_API_KEY"
    """Environment variable with the endpoint's key, if an endpoint has made the vectors."""

    @property
    def words(self) -> int:
        """The folder, and the text unless a document is given."""
        return 2 if self.like is None else 1


@dataclass(frozen=True, kw_only=True)
class ExplainSettings(BaseSettings):
    """Settings of `curator-text explain`; the input is the folder of a run."""

    takes: ClassVar[str] = "RUN [ID]"
    """Folder of a finished run, and the document, unless --id names it."""
    id: str = ""
    """The document: FILE:ROW as in removed/, rows counted from 0; or its id, if the run had --id-field; of download or extract also an address."""
    context: int = 12
    """Words that are shown before and after a difference."""

    @property
    def document(self) -> str:
        """The id of the document, or where it is."""
        return self.id or "".join(self.inputs[1:])

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: No document, several folders, or a negative context.
        """
        super().check()
        if len(self.inputs) > (1 if self.id else 2):
            raise SettingsError(
                f"explain takes the folder of a run and a document; {len(self.inputs)} were given."
            )
        if self.inputs and not self.document:
            raise SettingsError("no document; name one after the folder: its id, or FILE:ROW.")
        self.check_least(1, "context")


@dataclass(frozen=True, kw_only=True)
class DiffSettings(BaseSettings):
    """Settings of `curator-text diff`; the inputs are the folders of two runs."""

    takes: ClassVar[str] = "RUN RUN"
    """Folders of two finished runs."""
    examples: int = 5
    """Documents that are shown of each kind of difference."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: Not two folders, or a negative number of examples.
        """
        super().check()
        if self.inputs and len(self.inputs) != 2:
            raise SettingsError(f"diff takes two folders of runs; {len(self.inputs)} were given.")
        self.check_least(0, "examples")


@dataclass(frozen=True, kw_only=True)
class ForgetSettings(BaseSettings):
    """Settings of `curator-text forget`; the last word is the folder of a run."""

    takes: ClassVar[str] = "IDS... RUN"
    """Ids, or files of ids (a line each; in JSON lines and Parquet the field of --list-field), and then the folder of a finished run."""
    id: list[str] = field(default_factory=list[str])
    """An id, also if a file has this name; may be given several times."""
    id_field: str | None = None
    """Field of the ids in data/, if the run had no --id-field; what it removed is then named by file and row only."""
    list_field: str = "id"
    """Field of the ids in lists that are JSON lines or Parquet."""
    dry_run: Annotated[Flag, Group.RUNNING] = False
    """Count what would be forgotten, and do nothing."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: No id.
        """
        super().check()
        if self.inputs and len(self.inputs) == 1 and not self.id:
            raise SettingsError("no id; for example: curator-text forget ids.txt curated")
