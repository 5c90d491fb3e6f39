"""Download the pictures that lists of addresses name.

data/                 tars or folders of --per-file addresses each: pictures, captions, facts
downloads.parquet     a row per address: what became of it
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.files.fetch import FetchRules
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    exists,
    list_names,
    open_atomic,
    open_read,
    remove_tree,
    write_atomic,
)
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_image import __version__
from curator_image.images.download_images import DOWNLOADS, DownloadImages
from curator_image.images.list_urls import ListUrls
from curator_image.settings import DownloadSettings

TABLE = "downloads.parquet"


@dataclass(kw_only=True)
class DownloadWorkflow(FolderWorkflow[DownloadSettings]):
    """Download pictures; `curator-image download` in Python.

    Example:
        >>> settings = DownloadSettings(inputs=["urls.csv"], output="pictures")
        >>> DownloadWorkflow(settings=settings).run().metadata["downloaded"]
        970
    """

    job, version = "download", __version__
    _is_joined: bool = field(default=False, init=False)

    def check(self) -> None:
        """Look at the numbers."""
        self._rules()

    def stages(self) -> list[AnyStage]:
        """What every address goes through."""
        return [
            FilePartitioner(file_paths=self.settings.inputs),
            *self._listing(),
            *self._fetching(),
        ]

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """List the addresses, download them part by part, join what became of them."""
        self._is_joined = False
        source: list[AnyStage] = [FilePartitioner(file_paths=self.settings.inputs)]
        listed = steps.run("list", [*(source if tasks is None else []), *self._listing()], tasks)
        parts = self._parts(listed)
        mark = short_hash(self.settings.output_format, *(part.stamp for part in parts))
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
        return [
            ListUrls(
                parts=join(self.cache, "urls"),
                per_part=settings.per_file,
                url_field=settings.url_field,
                caption_field=settings.caption_field,
            )
        ]

    def _fetching(self) -> list[AnyStage]:
        settings = self.settings
        return [
            DownloadImages(
                output=settings.output,
                parts=join(self.cache, "downloads"),
                output_format=settings.output_format,
                threads=settings.threads,
                rules=self._rules(),
            )
        ]

    def _rules(self) -> FetchRules:
        settings = self.settings
        return FetchRules(
            user_agent=settings.user_agent or f"curator-image/{__version__}",
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
