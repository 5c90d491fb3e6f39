"""Settings of every text job that reads documents."""

from dataclasses import dataclass
from typing import Annotated, Literal

from curator_engine.commands.settings import CommonSettings, Group, Kind


@dataclass(frozen=True, kw_only=True)
class TextSettings(CommonSettings):
    """What every job takes that reads documents."""

    text_field: Annotated[str, Group.FILES] = "text"
    """Field with the document's text: also one inside another (meta.body), several (title,body), or a chat (messages)."""
    id_field: Annotated[str | None, Group.FILES] = None
    """Field with the document's id; file and row unless given."""
    format: Annotated[Literal["auto", "jsonl", "parquet", "csv", "text", "arrow"], Group.FILES] = (
        "auto"
    )
    """Format of the input; auto goes by the files' endings, else by their first bytes."""
    max_row: Annotated[str, Group.LIMITS, Kind.SIZE] = "64MB"
    """The longest line that is read; a longer one goes to quarantine by its length."""
    cache: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Folder for what lies between the steps; OUT/.cache, removed at the end, unless given."""
