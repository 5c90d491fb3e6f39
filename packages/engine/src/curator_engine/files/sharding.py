"""Parts of an input that processes work on which never talk to each other, as those of a Slurm array job.

Each process lists the whole input and takes its own run of files from it. The files of a shard lie side
by side in the listing, so that the tables of all shards, one after another, are in the order of one run.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.listing import Listing
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_folders

SLURM = "slurm"
"""Instead of numbers: those of the job array's variables."""
_FOLDER = re.compile(r"shard-(\d{5,})-of-(\d{5,})")
_MOST = 99_999


@dataclass(frozen=True)
class Shard:
    """One of several parts of an input."""

    index: int
    """From 0."""
    count: int
    """How many there are."""

    @classmethod
    def parse(cls, text: str, environment: Mapping[str, str] = os.environ) -> Self:
        """The shard that an option names: as 3/16, or `slurm`.

        Raises:
            SettingsError: It names none.
        """
        if text == SLURM:
            return cls._of_slurm(environment)
        match = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", text)
        if not match:
            raise SettingsError(f"--shard {text!r} is no shard; write it as 3/16, or as {SLURM}.")
        return cls._checked(int(match[1]), int(match[2]), text)

    @classmethod
    def _of_slurm(cls, environment: Mapping[str, str]) -> Self:
        names = ("ID", "MIN", "MAX", "COUNT")
        found = {name: environment.get(f"SLURM_ARRAY_TASK_{name}", "") for name in names}
        if not all(each.isdecimal() for each in found.values()):
            raise SettingsError(
                f"--shard {SLURM}: this is no task of a job array (SLURM_ARRAY_TASK_ID and the like are "
                "not set); submit it with sbatch --array=0-15, or write --shard 3/16."
            )
        task, least, most, count = map(int, found.values())
        if most - least + 1 != count:
            raise SettingsError(
                f"--shard {SLURM}: the array has {count} tasks numbered {least} to {most}, so how many shards "
                "there are is not known; write --shard $SLURM_ARRAY_TASK_ID/16."
            )
        return cls._checked(task - least, count, f"{task - least}/{count}")

    @classmethod
    def _checked(cls, index: int, count: int, text: str) -> Self:
        if not 1 <= count <= _MOST:
            raise SettingsError(f"--shard {text}: {count} shards are not in [1, {_MOST:,}].")
        if index >= count:
            raise SettingsError(
                f"--shard {text}: shards are numbered from 0, so those of {count} are 0/{count} to "
                f"{count - 1}/{count}; with Slurm, --array=0-{count - 1}."
            )
        return cls(index, count)

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @property
    def folder(self) -> str:
        """The name of its folder."""
        return f"shard-{self.index:05d}-of-{self.count:05d}"

    def below(self, output: str) -> str:
        """Where the shard's result is; a path that lies in the shard's folder already stays."""
        return output if self.folder in output.split("/") else join(output, self.folder)

    def part_of(self, listing: Listing) -> Listing:
        """The listing with the files of this shard only; the whole is kept beside them.

        Raises:
            InputError: There are fewer files than shards.
        """
        if len(listing.files) < self.count:
            raise InputError(
                f"--shard {self}: the input has {len(listing.files)} files, and a file is read by one shard; "
                f"ask for at most {len(listing.files)} shards, or cut the files."
            )
        edges = _edges([max(1, file.size) for file in listing.files], self.count)
        part = listing.files[edges[self.index] : edges[self.index + 1]]
        return replace(listing, files=part, whole=listing.files, first=edges[self.index])

    def check_beside(self, output: str) -> None:
        """Make sure that beside the shard's folder are none of a run that was cut into another number.

        Args:
            output: The shard's folder.

        Raises:
            InputError: There are, or the folder around it is the folder of a run.
        """
        above, slash, _ = output.rpartition(f"/{self.folder}")
        if not slash:
            return
        if exists(join(above, "run.json")):
            raise InputError(f"{above} holds a run; choose another output folder for the shards.")
        for name in list_folders(above):
            other = shard_of(name)
            if other and other.count != self.count:
                raise InputError(
                    f"{above} holds shards of {other.count} ({name}), and --shard {self} is of {self.count}; "
                    f"write --shard I/{other.count}, or choose another output folder."
                )


def shard_of(folder: str) -> Shard | None:
    """The shard whose folder bears this name, or None."""
    match = _FOLDER.fullmatch(folder)
    return Shard(int(match[1]), int(match[2])) if match else None


def in_shard(listing: Listing, shard: str | None) -> Listing:
    """What of a listing a shard reads; all if None."""
    return Shard.parse(shard).part_of(listing) if shard else listing


def _edges(sizes: Sequence[int], count: int) -> list[int]:
    """Where runs of neighbours begin and end, so that the largest run is as small as can be; none is empty."""
    low, high = max(sizes), sum(sizes)
    while low < high:
        middle = (low + high) // 2
        if len(_cut(sizes, middle)) <= count:
            high = middle
        else:
            low = middle + 1
    return [*_cut(sizes, low, count=count), len(sizes)]


def _cut(sizes: Sequence[int], most: int, *, count: int = 0) -> list[int]:
    """The beginnings of runs of at most `most`; as soon as the rest is needed for `count` runs, of one each."""
    starts, total = [0], 0
    for i, size in enumerate(sizes):
        is_needed = len(sizes) - i == count - len(starts)
        if i and (total + size > most or is_needed):
            starts.append(i)
            total = 0
        total += size
    return starts
