"""What a folder of token files is known by: `tokens.json`, and what of it must stay when files are added."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_names, remove
from curator_text.tokenize.gather_runs import DOCUMENTS_ENDING
from curator_text.tokenize.token_files import (
    BOUNDARIES_ENDING,
    INDEX_ENDINGS,
    TOKENS_FILE,
    TokenFormat,
    read_tokens_json,
    write_tokens_json,
)

_SAME = {
    "format": "--output-format",
    "tokenizer_key": "--tokenizer",
    "end": "--end-token or --append-end",
    "fields": "--fields",
}
"""What files that are added must have in common with those that are there, and the option that says it."""


@dataclass(frozen=True, kw_only=True)
class ShardRecord:
    """One file of tokens."""

    name: str
    documents: int
    tokens: int


@dataclass(frozen=True, kw_only=True)
class FileRecord:
    """One file of the input."""

    name: str
    path: str
    stamp: str
    documents: int
    tokens: int


@dataclass(kw_only=True)
class TokenRecord:
    """What `tokens.json` says."""

    format: TokenFormat
    token_type: str
    vocabulary: int
    end: int | None
    """The token at the end of each document; None if there is none."""
    tokenizer: str
    tokenizer_key: str
    fields: list[str]
    sequence_length: int | None = None
    documents: int = 0
    tokens: int = 0
    appended: int = 0
    """Runs that have added to the folder."""
    shards: list[ShardRecord] = field(default_factory=list[ShardRecord])
    files: list[FileRecord] = field(default_factory=list[FileRecord])

    @classmethod
    def read(cls, folder: str) -> Self:
        """The record of a folder.

        Raises:
            InputError: There is none.
        """
        found: dict[str, Any] = {
            k: v for k, v in read_tokens_json(folder).items() if k != "version"
        }
        try:
            shards = [ShardRecord(**each) for each in found.pop("shards")]
            files = [FileRecord(**each) for each in found.pop("files")]
            return cls(**found, shards=shards, files=files)
        except (TypeError, KeyError) as error:
            path = join(folder, TOKENS_FILE)
            raise InputError(f"{path} is no record of tokens; make it again.") from error

    def write(self, folder: str) -> None:
        """Write `tokens.json`, which makes all of it valid, and remove files of tokens that it does not name."""
        write_tokens_json(folder, asdict(self))
        remove_others(folder, self)

    def add(self, shards: Sequence[Mapping[str, Any]], files: Sequence[FileRecord]) -> None:
        """Note what was written.

        Args:
            shards: Name, documents and tokens of each file.
            files: Of the input.
        """
        for each in shards:
            made = ShardRecord(
                name=each["name"], documents=each["documents"], tokens=each["tokens"]
            )
            self.shards.append(made)
            self.documents += made.documents
            self.tokens += made.tokens
        self.files += files

    def check_same(self, other: "TokenRecord", folder: str) -> None:
        """Make sure that files can be added.

        Raises:
            InputError: Their tokens would be others.
        """
        for name, option in _SAME.items():
            if getattr(self, name) != getattr(other, name):
                raise InputError(
                    f"{folder} was made with another {option}; append with the same one, or choose another output folder."
                )


def remove_others(folder: str, record: TokenRecord) -> None:
    """Remove files of tokens that the record does not name: those of a run that was killed, or had other settings."""
    all_endings = (".bin", *INDEX_ENDINGS.values(), DOCUMENTS_ENDING)
    endings = (".bin", INDEX_ENDINGS[record.format], DOCUMENTS_ENDING)
    if record.sequence_length:
        endings += (BOUNDARIES_ENDING,)
    known = {each.name + ending for each in record.shards for ending in endings}
    for name in list_names(folder):
        if name.startswith("part-") and name.endswith(all_endings) and name not in known:
            remove(join(folder, name))


def has_record(folder: str) -> bool:
    """Whether a folder has finished files of tokens."""
    return exists(join(folder, TOKENS_FILE))
