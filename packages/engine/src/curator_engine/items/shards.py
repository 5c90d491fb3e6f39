"""Pack the kept items of a run into tars for training, sorted into bins; see webdataset.

    v0/resolution_720/aspect_ratio_16_9/frames_0_255/video/part_000000/000000.tar   <uuid>.mp4
    v0/resolution_720/aspect_ratio_16_9/frames_0_255/metas/part_000000/000000.tar   <uuid>.json

Tars of the same name have the same items in the same order. The same items give the same bytes.
"""

import io
import itertools
import json
import math
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic, read_bytes

VERSION = "v0"
KINDS = ("video", "metas")
TARS_PER_PART = 1000

_RESOLUTIONS = (0, 240, 360, 480, 720, 1080, 1440, 2160)
"""Shorter side in pixels from which a bin begins."""
_ASPECTS = {
    "16_9": 16 / 9,
    "4_3": 4 / 3,
    "1_1": 1.0,
    "3_4": 3 / 4,
    "9_16": 9 / 16,
}
_FRAMES = (0, 256, 512, 1024)
"""Frames from which a bin begins."""
_SECONDS = (0, 5, 10, 20, 30, 60)
"""Seconds from which a bin begins."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An item that goes into a tar."""

    uuid: str
    path: str
    """Of its file, from the folder of the run."""
    num_bytes: int
    bins: str
    """Folders below the version, such as resolution_720/frames_0_255; empty without bins."""


type FilesOf = Callable[[Sample], Mapping[str, bytes]]
"""Gives the files of a sample: bytes by ending, in the order in which they stand in a tar."""


@dataclass(frozen=True, kw_only=True)
class Shard:
    """A tar of items and the tar of their metas."""

    bins: str
    number: int
    """Among those of its bins, from 0."""
    samples: tuple[Sample, ...]

    @property
    def num_bytes(self) -> int:
        """Of the items, without what a tar adds."""
        return sum(sample.num_bytes for sample in self.samples)

    def path(self, kind: str) -> str:
        """Where its tar of this kind lies, from the folder of the shards."""
        part, tar = divmod(self.number, TARS_PER_PART)
        folders = [VERSION, *filter(None, [self.bins]), kind, f"part_{part:06d}"]
        return "/".join([*folders, f"{tar:06d}.tar"])


def parse_bins(text: str) -> list[str]:
    """The kinds of bins that a list such as "res,aspect,frames" names, in their fixed order.

    Raises:
        SettingsError: One is not known.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in _BINS:
            raise SettingsError(f"bins {name!r} are not known; choose from {', '.join(_BINS)}.")
    return [name for name in _BINS if name in names]


def plan_shards(items: pa.Table, *, bins: Sequence[str], max_bytes: int) -> list[Shard]:
    """What goes into which tar: the kept items that have a file, in the order of the table.

    Args:
        items: Rows of the run's table of items.
        bins: As `parse_bins` gives them.
        max_bytes: Of the items in one tar; one that is larger has one of its own.
    """
    # Runs of older versions do not say what their pixels are; pictures have no frames.
    missing = [n for name in bins for n in _LOOKED_AT[name] if n not in items.column_names]
    if missing:
        raise SettingsError(
            f"no bins by {missing[0]}, which the table does not have; leave it out."
        )
    known = ("width", "height", "num_frames", "pixel_aspect", "duration_s")
    columns = ["uuid", "path", "num_bytes", "keep", *(n for n in known if n in items.column_names)]
    rows = items.select(columns).to_pylist()
    samples = [
        Sample(
            uuid=row["uuid"],
            path=row["path"],
            num_bytes=row["num_bytes"],
            bins="/".join(_BINS[name](row) for name in bins),
        )
        for row in rows
        if row["keep"] and row["path"]
    ]
    samples.sort(key=lambda sample: sample.bins)
    shards: list[Shard] = []
    for folder, group in itertools.groupby(samples, key=lambda sample: sample.bins):
        for number, few in enumerate(_filled(group, max_bytes)):
            shards.append(Shard(bins=folder, number=number, samples=tuple(few)))
    return shards


def _filled(samples: Iterator[Sample], max_bytes: int) -> Iterator[list[Sample]]:
    few: list[Sample] = []
    size = 0
    for sample in samples:
        if few and size + sample.num_bytes > max_bytes:
            yield few
            few, size = [], 0
        few.append(sample)
        size += sample.num_bytes
    if few:
        yield few


def write_shard(
    source: str,
    target: str,
    shard: Shard,
    *,
    metas: str | Mapping[str, Any],
    kinds: tuple[str, str] = KINDS,
    files_of: FilesOf | None = None,
) -> None:
    """Write the two tars of a shard, each whole or not at all; the metas last.

    Args:
        source: Folder of the run.
        target: Folder of the shards.
        shard: What to write.
        metas: Folder of the run with a `<uuid>.json` per item, or what to write for each id.
        kinds: Folders of the two tars.
        files_of: Gives the files of a sample, bytes by ending; the one at its path unless given.

    Raises:
        StorageError: A file of the run cannot be read, or a tar not written.
    """
    files_of = files_of or (lambda sample: _file_of(source, sample))

    def record_of(sample: Sample) -> Mapping[str, bytes]:
        if isinstance(metas, str):
            return {"json": read_bytes(join(source, metas, f"{sample.uuid}.json"))}
        return {"json": json.dumps(metas[sample.uuid], indent=1, default=str).encode()}

    for kind, members_of in zip(kinds, (files_of, record_of), strict=True):
        with (
            open_atomic(join(target, shard.path(kind))) as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
        ):
            for sample in shard.samples:
                for ending, data in members_of(sample).items():
                    # Owner and time stay at 0, so that the same items give the same bytes.
                    member = tarfile.TarInfo(f"{sample.uuid}.{ending}")
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))


def _file_of(source: str, sample: Sample) -> Mapping[str, bytes]:
    return {sample.path.rpartition(".")[2]: read_bytes(join(source, sample.path))}


def _shown(row: dict[str, Any]) -> tuple[int, int]:
    """Width and height of an item in square pixels."""
    width, height, aspect = row["width"], row["height"], row.get("pixel_aspect") or 1.0
    wide = (width * aspect, height) if aspect >= 1 else (width, height / aspect)
    return max(1, round(wide[0])), max(1, round(wide[1]))


def _resolution(row: dict[str, Any]) -> str:
    side = min(_shown(row))
    return f"resolution_{max(low for low in _RESOLUTIONS if low <= side)}"


def _aspect(row: dict[str, Any]) -> str:
    width, height = _shown(row)
    ratio = width / height
    nearest = min(_ASPECTS, key=lambda name: abs(math.log(_ASPECTS[name] / ratio)))
    return f"aspect_ratio_{nearest}"


def _frames(row: dict[str, Any]) -> str:
    count = row["num_frames"]
    low = max(each for each in _FRAMES if each <= count)
    high = next((each - 1 for each in _FRAMES if each > count), "inf")
    return f"frames_{low}_{high}"


def _duration(row: dict[str, Any]) -> str:
    seconds = row["duration_s"] or 0.0
    low = max(each for each in _SECONDS if each <= seconds)
    high = next((each for each in _SECONDS if each > seconds), "inf")
    return f"duration_{low}_{high}"


_BINS: dict[str, Callable[[dict[str, Any]], str]] = {
    "res": _resolution,
    "aspect": _aspect,
    "frames": _frames,
    "duration": _duration,
}
_LOOKED_AT = {
    "res": ("width", "height"),
    "aspect": ("width", "height"),
    "frames": ("num_frames",),
    "duration": ("duration_s",),
}
"""The columns that bins look at."""
