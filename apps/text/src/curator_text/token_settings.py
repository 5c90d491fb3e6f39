"""Settings of the text jobs that write tokens: `curator-text tokenize` and `curator-text blend`."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from curator_engine.commands.settings import Flag, Group, Kind
from curator_engine.errors import SettingsError
from curator_engine.stages.files import parse_size
from curator_text.text_settings import TextSettings

RESERVED = {"document", "id", "source", "file", "row", "shard", "offset", "length", "text_hash"}
"""Columns of the tables of documents, which a field cannot be called."""


@dataclass(frozen=True, kw_only=True)
class TokenizeSettings(TextSettings):
    """Settings of `curator-text tokenize`."""

    why_whole = "documents are numbered over the whole input"
    tokenizer: Annotated[str, Group.MODELS, Kind.NAME] = "bytes"
    """bytes (a token for each byte of UTF-8: needs no files, some four times the tokens of others); a folder with a tokenizer, a file tokenizer.json or NAME.tiktoken, tiktoken:NAME, or the id of a model on the hub."""
    end_token: Annotated[str | None, Group.MODELS] = None
    """Token at the end of documents, as the tokenizer spells it, such as </s>; its own unless given."""
    append_end: Annotated[bool, Group.MODELS] = True
    """End each document in the end token."""
    split_pattern: Annotated[str | None, Group.MODELS] = None
    """Regular expression by which the texts of a .tiktoken file are split, which it does not say; that of cl100k_base unless given."""
    output_format: Annotated[Literal["megatron", "shards"], Group.FILES] = "megatron"
    """Files in data/: megatron is .bin and .idx; shards is .bin and .npy, to be mapped by NumPy."""
    shard_size: Annotated[str, Group.FILES, Kind.SIZE] = "1GB"
    """Bytes of tokens in a file, at most; with --shuffle, about."""
    shuffle: Flag = False
    """Write documents in random order; needs no more memory than without."""
    seed: int = 42
    """Of the random order."""
    source_field: str | None = None
    """Count tokens by the value of this field, such as the site, instead of by folder or file."""
    fields: Annotated[list[str], Group.FILES] = field(default_factory=list[str])
    """Fields, as url,cluster_id, that the table of documents keeps, by which blend can split. May be given several times."""
    append: Annotated[Flag, Group.FILES] = False
    """Add new files to a finished result: documents are numbered on; files that are in it already are left out, and that is said."""

    @property
    def field_names(self) -> list[str]:
        """The fields of --fields, one by one."""
        return [name for each in self.fields for name in each.split(",")]

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if not self.tokenizer:
            raise SettingsError("no tokenizer; leave out --tokenizer for bytes.")
        if parse_size(self.shard_size) < 1:
            raise SettingsError(f"--shard-size {self.shard_size} is below 1.")
        names = self.field_names
        if len(set(names)) < len(names) or "" in names:
            raise SettingsError(f"--fields {','.join(names)} names a field twice, or none.")
        for name in sorted(RESERVED.intersection(names)):
            raise SettingsError(
                f"--fields {name}: the table has a column {name} of its own; rename the field first."
            )
        if self.append and self.overwrite:
            raise SettingsError("--append and --overwrite exclude each other; choose one.")
        if self.append and self.limit is not None:
            raise SettingsError("--limit would leave files half read; leave it out with --append.")
