"""Settings of the commands that look at finished runs: `explain` and `diff`."""

from dataclasses import dataclass
from typing import ClassVar

from curator_engine.commands.settings import BaseSettings
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class ExplainSettings(BaseSettings):
    """Settings of `curator-text explain`; the input is the folder of a run."""

    takes: ClassVar[str] = "RUN"
    """Folder of a finished run."""
    id: str = ""
    """The document: FILE:ROW as in removed/, rows counted from 0; or its id, if the run had --id-field."""
    context: int = 12
    """Words that are shown before and after a difference."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: No document, several folders, or a negative context.
        """
        super().check()
        if len(self.inputs) > 1:
            raise SettingsError(
                f"explain takes one folder of a run; {len(self.inputs)} were given."
            )
        if self.inputs and not self.id:
            raise SettingsError("no document; name one with --id X or --id FILE:ROW.")
        if self.context < 1:
            raise SettingsError(f"--context {self.context} is below 1.")


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
        if self.examples < 0:
            raise SettingsError(f"--examples {self.examples} is below 0.")
