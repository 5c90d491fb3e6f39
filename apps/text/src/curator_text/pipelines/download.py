"""Download what sources publish, or lists of addresses name.

data/                 files, and WARC files of pages
downloads.parquet     a row per address: what became of it
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow.parquet as pq

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.errors import SettingsError
from curator_engine.files.fetch import FetchRules
from curator_engine.files.listing import FileInfo, Listing
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import (
    exists,
    list_names,
    open_atomic,
    open_read,
    remove_tree,
    write_atomic,
)
from curator_engine.stage import AnyStage
from curator_engine.stages.files import find_inputs, parse_size
from curator_engine.stages.given_tasks import placed
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.download.download_files import DOWNLOADS, DownloadFiles
from curator_text.download.list_files import ListFiles
from curator_text.source_settings import DownloadSettings
from curator_text.version import __version__

TABLE = "downloads.parquet"
_MOST_LIST = 256 << 20
"""Bytes of a list that a source publishes."""


@dataclass(kw_only=True)
class DownloadWorkflow(FolderWorkflow[DownloadSettings]):
    """Download files and pages; `curator-text download` in Python.

    Example:
        >>> settings = DownloadSettings(inputs=["urls", "urls.txt"], output="pages")
        >>> DownloadWorkflow(settings=settings).run().metadata["downloaded"]
        970
    """

    job, version = "download", __version__
    _is_joined: bool = field(default=False, init=False)

    def check(self) -> None:
        """Look at the settings."""
        self.settings.check()
        if is_remote(self.settings.output):
            raise SettingsError("download needs an output folder of this machine.")

    def listed(self) -> Listing:
        """The lists of addresses, or the name of the source.

        Raises:
            InputError: A list is missing.
        """
        if self.listing is None:
            self.listing = listing_of(self.settings)
        return self.listing

    def stages(self) -> list[AnyStage]:
        """What every address goes through."""
        return [*self._listing(), *self._fetching()]

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """List the addresses, download them part by part, join what became of them."""
        self._is_joined = False
        given = tasks if tasks is not None else self._sources()
        listed = steps.run("list", self._listing(), given)
        parts = self._parts(listed)
        mark = short_hash(*(part.stamp for part in parts))
        if not exists(join(self.cache, f"parts-{mark}")):
            # What an earlier run of other lists has written.
            remove_tree(join(self.settings.output, "data"))
            remove_tree(join(self.cache, "downloads"))
            write_atomic(join(self.cache, f"parts-{mark}"), b"")
        steps.run("download", self._fetching(), parts)
        facts |= self._join()
        self._is_joined = True

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether what became of the addresses is joined; there is no page."""
        return self._is_joined

    def _sources(self) -> list[FileGroupTask]:
        return placed(
            [
                FileGroupTask(
                    data=[file.path],
                    stamp=file.stamp,
                    _metadata={"file_index": number, "name": file.name},
                )
                for number, file in enumerate(self.listed().files)
            ],
            file_format="auto",
        )

    def _parts(self, listed: Sequence[FileGroupTask]) -> list[FileGroupTask]:
        """A task for each part, in order, up to the limit."""
        left = self.settings.limit
        found: list[FileGroupTask] = []
        for task in sorted(listed, key=lambda each: each.data[0]):
            count = int(task._metadata["num_urls"])
            count = count if left is None else min(count, left)
            if count:
                with open_read(task.data[0]) as file:
                    stamp = short_hash(str(count), *map(str, pq.read_table(file).to_pylist()))
                about = {"file_index": len(found), "num_urls": count}
                found.append(FileGroupTask(data=task.data, stamp=stamp, _metadata=about))
            left = None if left is None else left - count
        return found

    def _listing(self) -> list[AnyStage]:
        settings = self.settings
        options = {
            "base": settings.base_url.rstrip("/"),
            "snapshot": settings.snapshot,
            "kind": settings.crawl_files,
            "index": settings.index,
            "month": settings.month,
            "language": settings.language,
            "date": settings.dump_date,
            "url_field": settings.url_field,
        }
        return [
            ListFiles(
                parts=join(self.cache, "urls"),
                per_part=settings.per_file,
                options=options,
                rules=replace(self._rules(), max_bytes=_MOST_LIST),
                limit=settings.limit,
            )
        ]

    def _fetching(self) -> list[AnyStage]:
        settings = self.settings
        rules = self._rules()
        return [
            DownloadFiles(
                output=settings.output,
                parts=join(self.cache, "downloads"),
                partial=join(self.cache, "partial"),
                threads=settings.threads,
                page_rules=rules,
                file_rules=replace(
                    rules,
                    max_bytes=parse_size(settings.max_file_size),
                    total_s=settings.max_file_seconds,
                ),
                respect_robots=settings.source == "urls" and not settings.ignore_robots,
            )
        ]

    def _rules(self) -> FetchRules:
        settings = self.settings
        return FetchRules(
            user_agent=settings.user_agent or f"curator-text/{__version__}",
            max_bytes=parse_size(settings.max_size),
            timeout_s=settings.timeout,
            total_s=settings.max_seconds,
            retries=settings.retries,
            per_host=settings.per_host,
            respect_opt_out=not settings.ignore_opt_out,
            allow_private=settings.allow_private,
        )

    def _join(self) -> dict[str, Any]:
        """Write the table of all; the counts."""
        parts = join(self.cache, "downloads")
        rows, size, reasons = 0, 0, Counter[str]()
        with (
            open_atomic(join(self.settings.output, TABLE)) as file,
            pq.ParquetWriter(file, DOWNLOADS, compression="zstd") as table,
        ):
            for name in list_names(parts):
                with open_read(join(parts, name)) as part:
                    each = pq.read_table(part, use_threads=False)
                table.write_table(each)
                rows += each.num_rows
                reasons.update(filter(None, each.column("reason").to_pylist()))
                there = zip(
                    *(each.column(name).to_pylist() for name in ("path", "num_bytes")), strict=True
                )
                size += sum(count for path, count in there if path)
        return {
            "urls": rows,
            "downloaded": rows - reasons.total(),
            "failed": reasons.total(),
            "failed_by": dict(reasons.most_common()),
            "bytes": size,
        }


def listing_of(settings: DownloadSettings) -> Listing:
    """The lists of addresses; of another source its name, as if it were a file.

    Raises:
        InputError: A list is missing.
    """
    if settings.source != "urls":
        name = settings.source
        return Listing(files=[FileInfo(path=name, size=0, stamp="", name=name)], passed_over={})
    return find_inputs(settings.lists)
