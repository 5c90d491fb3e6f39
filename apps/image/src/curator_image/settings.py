"""Settings of the image jobs: the options of `curator-image`, the keys of its YAML files."""

from dataclasses import dataclass
from typing import ClassVar

from curator_engine.commands.settings import BaseSettings


@dataclass(frozen=True, kw_only=True)
class ProbeSettings(BaseSettings):
    """Settings of `curator-image probe`."""

    takes: ClassVar[str] = "IMAGE..."
    """Pictures, tars, tables and lists: files, folders, globs or URLs."""
