"""What `data/` is to look like: format, compression, sizes, folders; and what its files are called then."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from curator_engine.errors import SettingsError
from curator_engine.files.formats import EXTENSIONS, compression_by_ending, format_by_ending
from curator_engine.files.hive import partition_values

PACKINGS: dict[str, tuple[str, ...]] = {
    "jsonl": ("none", "gz", "zst", "bz2", "xz"),
    "parquet": ("none", "gz", "zst", "snappy"),
}
"""How files of a format can be compressed."""
CODECS = {"none": "none", "gz": "gzip", "zst": "zstd", "snappy": "snappy"}
"""Of Parquet, as Arrow calls them."""
_UNPACKED = 3
"""Bytes of lines per byte of a compressed file, roughly."""


@dataclass(frozen=True, kw_only=True)
class OutputForm:
    """The form of `data/`; where nothing is asked for, that of the input."""

    format: str = "as-input"
    compression: str = "as-input"
    file_size: int | None = None
    """Bytes of a file, about."""
    row_group_size: int | None = None
    """Rows, at most."""
    partition_by: tuple[str, ...] = ()
    """Fields whose values name folders."""

    @property
    def is_plain(self) -> bool:
        """Whether each file is as its input file."""
        return self == OutputForm()

    def kind(self, given: str) -> str:
        """The format of what is made of a file of a format."""
        return given if self.format == "as-input" else self.format

    def check(self, kinds: Iterable[str]) -> None:
        """Make sure that the files can be written so.

        Args:
            kinds: The formats that are written.

        Raises:
            SettingsError: They cannot.
        """
        made = {self.kind(each) for each in kinds}
        for each in sorted(made):
            if self.compression not in ("as-input", *PACKINGS[each]):
                raise SettingsError(
                    f"--compression {self.compression} is not offered for {each}, only "
                    f"{', '.join(PACKINGS[each])}; choose one, or another --output-format."
                )
        if self.row_group_size and "parquet" not in made and made:
            raise SettingsError(
                "--row-group-size is of Parquet, and data/ is JSON lines; add --output-format parquet."
            )

    def name(self, given: str) -> str:
        """What a file is called that is made of one of this name; folders of the fields are not named twice."""
        before = format_by_ending(given)
        given = "/".join(each for each in given.split("/") if not self._is_folder(each))
        kind = self.kind(before)
        if kind == before and (kind != "jsonl" or self.compression == "as-input"):
            return given
        ending = "" if self.compression in ("as-input", "none") else f".{self.compression}"
        lower = given.lower()
        known = [e for e in EXTENSIONS.get(before, ()) if lower.endswith(e)]
        stem = given[: -max(map(len, known))] if known else given
        return f"{stem}.{kind}" + (ending if kind == "jsonl" else "")

    def _is_folder(self, name: str) -> bool:
        """Whether a folder of the input has its name from one of the fields."""
        return any(field in self.partition_by for field in partition_values(f"{name}/"))

    def names(self, given: Iterable[str]) -> dict[str, str]:
        """What files are called that are made of some, each by a name of its own; those that keep theirs have it."""
        wanted = {name: self.name(name) for name in given}
        taken = {new for old, new in wanted.items() if old == new}
        for old, new in wanted.items():
            if old == new:
                continue
            number, free = 1, new
            while free in taken:
                number += 1
                free = _numbered(new, number)
            taken.add(free)
            wanted[old] = free
        return wanted

    def bytes_together(self, name: str) -> int:
        """Bytes of files of this name's kind that make about one file of the size."""
        new = self.name(name)
        size = self.file_size or 0
        if _is_plain_lines(name):
            return size if _is_plain_lines(new) else size * _UNPACKED
        return size // _UNPACKED if _is_plain_lines(new) else size


def _is_plain_lines(name: str) -> bool:
    return format_by_ending(name) != "parquet" and not compression_by_ending(name)


def hive_folder(name: str) -> str:
    """The folders around a name that give its rows values, with a slash; empty if there are none."""
    return "".join(f"{each}/" for each in name.split("/")[:-1] if partition_values(f"{each}/"))


def ending(name: str) -> str:
    """The ending of a name of ours: .parquet, .jsonl.gz; that of lines if it has none."""
    path, lower = PurePosixPath(name), name.lower()
    known = [e for each in EXTENSIONS.values() for e in each if lower.endswith(e)]
    return name[-max(map(len, known)) :] if known and path.name else ".jsonl"


def _numbered(name: str, number: int) -> str:
    end = ending(name)
    return f"{name[: -len(end)]}-{number}{end}"
