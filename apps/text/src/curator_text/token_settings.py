"""Settings of the text jobs that write tokens: `curator-text tokenize` and `curator-text blend`."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from curator_engine.commands.settings import CommonSettings, Flag, Group, Kind
from curator_engine.errors import SettingsError
from curator_engine.stages.files import parse_size
from curator_text.text_settings import TextSettings

RESERVED = {
    *("document", "id", "source", "file", "row", "shard", "offset", "length", "text_hash"),
    *("epoch", "part"),
}
"""Columns of the tables of documents, also of those of a blend, which a field cannot be called."""


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


@dataclass(frozen=True, kw_only=True)
class BlendSettings(CommonSettings):
    """Settings of `curator-text blend`."""

    takes: ClassVar[str] = "TOKENS..."
    """Folders that tokenize made, each a source; all with the same tokenizer."""
    why_whole = "documents are shuffled over the whole input"
    weights: list[str] = field(default_factory=list[str])
    """Shares of the sources in the tokens of the blend, as web=0.7,books=0.3, by the names or paths of their folders; as much as each has unless given."""
    tokens: str | int | None = None
    """Tokens of the blend for training, as 300M or 1.5B: sources that have too few for their weight are repeated. Unless given, as many as there are until a source is used up."""
    max_epochs: Annotated[float | None, Group.LIMITS] = None
    """How often a source is read, at most, as 4 or 2.5; without --tokens, how often the source is read that is used up first (once unless given)."""
    by_source: Flag = False
    """Take for sources the values of the column source in the tables of documents (tokenize --source-field), and not the folders."""
    seed: int = 42
    """Of the order, and of what is taken of a source."""
    split: str | None = None
    """Parts for train, validation and test, as 98,1,1: documents that belong together stay together, so sizes come out only about so."""
    split_by: str = "hash"
    """What stays together: hash (documents of the same text), site (the host of the field url), cluster (the field cluster_id, or duplicate_of of fuzzy --mark), or a field of the tables (tokenize --fields)."""
    split_seed: int = 42
    """Of the parts; --seed does not change them."""
    sequence_length: int | None = None
    """Pack documents into sequences of so many tokens, one after another; where each begins is kept in a file beside them. Megatron takes one token more than the model sees."""
    output_format: Annotated[Literal["megatron", "shards"], Group.FILES] = "megatron"
    """Files in data/: megatron is .bin and .idx; shards is .bin and .npy, to be mapped by NumPy."""
    shard_size: Annotated[str, Group.FILES, Kind.SIZE] = "1GB"
    """Bytes of tokens in a file, about."""
    cache: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Folder for what lies between the steps, about as much as the blend; OUT/.cache, removed at the end, unless given."""

    def check(self) -> None:
        """Look at the values together; what they mean is checked where it is used.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.limit is not None:
            raise SettingsError("--limit: a blend is cut by its tokens; use --tokens.")
        if parse_size(self.shard_size) < 1:
            raise SettingsError(f"--shard-size {self.shard_size} is below 1.")
        if self.max_epochs is not None and self.max_epochs <= 0:
            raise SettingsError(f"--max-epochs {self.max_epochs} is not above 0.")
        self.check_least(2, "sequence_length")
        if self.split is None and self.split_by != "hash":
            raise SettingsError(f"--split-by {self.split_by} needs --split, such as 98,1,1.")
