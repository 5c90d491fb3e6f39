"""Download the pictures of some addresses into a tar or a folder, with a row for what became of each.

    data/000000.tar       0000000000.jpg  0000000000.txt  0000000000.json
    data/000000/          the same as loose files

Files stand in the order of the list, whatever came first; their bytes are those that came.
"""

import hashlib
import json
import posixpath
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.fetch import Fetched, FetchRules
from curator_engine.files.fetch_many import Fetcher
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    exists,
    open_read,
    read_bytes,
    remove_others,
    write_atomic,
)
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.stages.downloads_table import downloads_that_came
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_image.images.as_input import member_of, open_tar
from curator_image.read.picture import PictureError, picture_head

DOWNLOADS = pa.schema(
    [
        *(pa.field(n, pa.string()) for n in ("key", "url", "reason", "final_url", "list")),
        pa.field("row", pa.int64()),
        *(pa.field(n, pa.int32()) for n in ("status", "tries", "width", "height")),
        pa.field("num_bytes", pa.int64()),
        *(pa.field(n, pa.string()) for n in ("sha256", "format", "content_type", "caption")),
        pa.field("path", pa.string()),
    ]
)
"""A row per address: `reason` says why there is no picture, and is empty if there is one."""
_ENDINGS = {
    "JPEG": "jpg",
    "MPO": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "AVIF": "avif",
    "GIF": "gif",
    "TIFF": "tif",
    "BMP": "bmp",
    "DIB": "bmp",
    "JPEG2000": "jp2",
    "PPM": "ppm",
    "HEIF": "heic",
}
_CHECKSUMS = {"sha256": 64, "md5": 32}
"""Fields of a list by which a picture is checked, and how many hexadecimal digits they have."""


@dataclass(kw_only=True)
class DownloadImages(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Download what tables of `ListUrls` name; gives a reference to a table of what became of each.

    There is one worker only, with several threads: how often a host is asked is counted in one place.
    """

    output: str
    """Folder of the run; pictures go into `data/` below it."""
    parts: str
    """Folder for the tables."""
    output_format: Literal["webdataset", "folder"] = "webdataset"
    threads: int = 16
    """Pictures that are fetched at once."""
    rules: FetchRules = field(default_factory=FetchRules)
    """How they are fetched."""
    earlier: str = ""
    """Table of a finished run in `output`: the pictures that it has are kept and not fetched again."""
    _fetcher: Fetcher | None = field(default=None, init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("output", "parts")

    def num_workers(self) -> int | None:
        """One."""
        return 1

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Begin to remember when each host was asked."""
        self._fetcher = Fetcher(rules=self.rules, threads=self.threads)

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Download the addresses of a table.

        Raises:
            StorageError: A file cannot be written.
        """
        with open_read(task.data[0]) as file:
            table = pq.read_table(file, use_threads=False)
        rows = table.slice(0, task._metadata.get("num_urls")).to_pylist()
        number = int(task._metadata.get("file_index", 0))
        for at, row in enumerate(rows):
            row["key"] = f"{number:06d}{at:04d}"
        name = f"{number:06d}"
        with tempfile.TemporaryDirectory(prefix="curator-download-") as folder:
            spool = Path(folder)
            came = downloads_that_came(self.earlier, number)
            self._take_back(name, came, spool)
            rows = [{**row, **came.get(row["key"], {})} for row in rows]
            new = self._fetch([row for row in rows if row["key"] not in came], spool)
            made = {row["key"]: row for row in new}
            rows = [made.get(row["key"], row) for row in rows]
            if any(not row["reason"] for row in new):
                self._write(name, rows, spool)
        part = join(self.parts, f"{name}.parquet")
        write_table(part, pa.Table.from_pylist(rows, DOWNLOADS))
        self.log_metric("downloaded", sum(not row["reason"] for row in rows))
        return FileGroupTask(data=[part], dataset_name=task.dataset_name, _metadata=task._metadata)

    def _take_back(self, name: str, came: dict[str, dict[str, Any]], spool: Path) -> None:
        """Put the pictures of the earlier run into the spool; those that are not there any more leave `came`."""
        with suppress(tarfile.TarError):
            # A tar that was damaged since gives what it has.
            for key, data in self._there(name, came):
                if hashlib.sha256(data).hexdigest() == came[key]["sha256"]:
                    (spool / key).write_bytes(data)
        for key in [key for key in came if not (spool / key).exists()]:
            del came[key]

    def _there(self, name: str, came: dict[str, dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
        """Pictures of the earlier run, by their keys."""
        place = join(self.output, "data", name)
        if self.output_format == "folder":
            for key, row in came.items():
                if exists(path := join(self.output, row["path"])):
                    yield key, read_bytes(path)
        elif came and exists(f"{place}.tar"):
            keys = {posixpath.basename(row["path"]): key for key, row in came.items()}
            with open_read(f"{place}.tar") as file, tarfile.open(fileobj=file) as tar:
                for member in tar:
                    if member.name in keys and (data := tar.extractfile(member)):
                        yield keys[member.name], data.read()

    def resume(self, committed: frozenset[str]) -> None:
        """Remove tables of a killed run that no finished task stands for."""
        remove_others(self.parts, committed)

    def _fetch(self, given: list[dict[str, Any]], spool: Path) -> list[dict[str, Any]]:
        """What became of each address; the pictures that came lie in the spool, by their keys."""
        fetcher = self._fetcher or Fetcher(rules=self.rules, threads=self.threads)
        places = [at for at, row in enumerate(given) if not row["problem"]]
        found: list[dict[str, Any]] = [
            {**row, "reason": row["problem"], "tries": 0} for row in given
        ]
        for k, fetched in fetcher.fetch_all([given[at]["url"] for at in places]):
            row = found[places[k]]
            row |= _told(fetched, json.loads(row["fields"]))
            if not row["reason"]:
                (spool / row["key"]).write_bytes(fetched.data)
        return found

    def _write(self, name: str, rows: list[dict[str, Any]], spool: Path) -> None:
        there = [row for row in rows if not row["reason"]]
        if not there:
            return
        target = join(self.output, "data", name)
        if self.output_format == "folder":
            _write_all(
                there,
                spool,
                lambda file, data: write_atomic(join(target, file), data),
                place=f"data/{name}",
            )
            return
        with open_tar(f"{target}.tar", "") as write:
            _write_all(
                there,
                spool,
                lambda file, data: write(member_of(file, data)),
                place=f"data/{name}.tar",
            )


def _told(fetched: Fetched, fields: dict[str, Any]) -> dict[str, Any]:
    """What a row says of an answer."""
    about: dict[str, Any] = {
        "reason": fetched.reason,
        "status": fetched.status or None,
        "final_url": fetched.final_url or None,
        "content_type": fetched.content_type or None,
        "tries": fetched.tries,
    }
    if fetched.reason:
        return about
    about |= {"num_bytes": len(fetched.data), "sha256": hashlib.sha256(fetched.data).hexdigest()}
    for name, digits in _CHECKSUMS.items():
        wanted = str(fields.get(name) or "").lower()
        if not re.fullmatch(f"[0-9a-f]{{{digits}}}", wanted):
            continue
        if hashlib.new(name, fetched.data, usedforsecurity=False).hexdigest() != wanted:
            return about | {"reason": f"another {name} than the list says"}
    try:
        kind, width, height = picture_head(fetched.data)
    except PictureError as error:
        return about | {"reason": f"no picture: {error}"}
    return about | {"format": kind, "width": width, "height": height}


def _write_all(
    rows: list[dict[str, Any]], spool: Path, write: Callable[[str, bytes], None], *, place: str
) -> None:
    """Write pictures, captions and facts in order; each row gets its path."""
    for row in rows:
        key, name = row["key"], f"{row['key']}.{_ENDINGS.get(row['format'], 'img')}"
        write(name, (spool / key).read_bytes())
        if row["caption"]:
            write(f"{key}.txt", row["caption"].encode("utf-8", "replace"))
        facts = {**json.loads(row["fields"]), "url": row["url"], "sha256": row["sha256"]}
        write(f"{key}.json", json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace"))
        row["path"] = f"{place}/{name}"
