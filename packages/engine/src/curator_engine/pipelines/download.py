"""Download what lists of addresses name: the frame of the downloads of all apps.

data/                 what came
downloads.parquet     a row per address: what became of it
report.html           how many came, and why others did not
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.commands.cli import JobResult
from curator_engine.commands.download_settings import DownloadOptions
from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files.fetch import FetchRules
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read, remove, remove_tree, write_atomic
from curator_engine.report.download_page import build_page
from curator_engine.running.run_record import RECORD_FILE, read_record
from curator_engine.stage import AnyStage
from curator_engine.stages.downloads_table import (
    DOWNLOADS_FILE,
    join_downloads,
    mark_of_downloads,
)
from curator_engine.stages.files import parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash

_NOT_RECORDED = {"retry_failed", "proxy"}
"""Options that say how a run comes to its result, not what that is."""
_OF_FETCHING = {f.name for f in fields(DownloadOptions)} - {"inputs", "limit", "per_file"}
"""Options that may differ when what failed is asked for again."""
_SHOWN = 5


@dataclass(kw_only=True)
class FetchWorkflow[S: DownloadOptions](FolderWorkflow[S]):
    """A job that cuts lists of addresses into parts, downloads each, and joins what became of them.

    A subclass lists its addresses into tables with `num_urls` in the metadata of their tasks, and says what
    fetches those of such a table.
    """

    program: ClassVar[str]
    """The command, as servers are told unless the settings say something else."""
    schema: ClassVar[pa.Schema]
    """Of the table of what became of the addresses."""
    also_of_fetching: ClassVar[frozenset[str]] = frozenset()
    """Further options that may differ when what failed is asked for again."""
    draw = staticmethod(build_page)
    _is_joined: bool = field(default=False, init=False)

    @abstractmethod
    def addresses(self, steps: Steps, tasks: list[FileGroupTask] | None) -> list[FileGroupTask]:
        """Write the addresses into tables; a reference to each."""

    @abstractmethod
    def fetching(self, earlier: str = "") -> list[AnyStage]:
        """What downloads the addresses of a table into `data/`, and writes a table of what became of them below the cache.

        Args:
            earlier: The table of a run that is finished: what came there is kept.
        """

    def form(self) -> str:
        """What else than the addresses says how files of `data/` are cut."""
        return ""

    def recorded(self) -> dict[str, Any]:
        """Without the options that have no effect on the result."""
        return {k: v for k, v in super().recorded().items() if k not in _NOT_RECORDED}

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """List the addresses, download them part by part, join what became of them."""
        self._is_joined = False
        output = self.settings.output
        parts = self._parts(self.addresses(steps, tasks))
        mark = short_hash(self.form(), *(part.stamp for part in parts))
        earlier = self._earlier(mark)
        if not earlier and not exists(join(self.cache, f"parts-{mark}")):
            # What an earlier run of other lists has written.
            remove_tree(join(output, "data"))
            remove_tree(join(self.cache, "downloads"))
            remove(join(output, DOWNLOADS_FILE))
            write_atomic(join(self.cache, f"parts-{mark}"), b"")
        steps.run("download", self.fetching(earlier), parts)
        facts |= join_downloads(join(self.cache, "downloads"), output, self.schema, mark)
        self._is_joined = True

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether what became of the addresses is joined."""
        return self._is_joined

    def may_retry(self, record: dict[str, Any]) -> bool:
        """Whether a run had the same addresses, cut in the same way, so that what failed can be asked for again."""
        wanted = self.wanted()
        may_differ = _OF_FETCHING | self.also_of_fetching
        same = {k: v for k, v in record.get("settings", {}).items() if k in may_differ}
        return replace(wanted, settings={**wanted.settings, **same}).is_that_of(record)

    def rules(self) -> FetchRules:
        """How addresses are fetched, as the settings say."""
        settings = self.settings
        return FetchRules(
            user_agent=settings.user_agent or f"{self.program}/{self.version}",
            max_bytes=parse_size(settings.max_size),
            timeout_s=settings.timeout,
            total_s=settings.max_seconds,
            retries=settings.retries,
            per_host=settings.per_host,
            respect_opt_out=not settings.ignore_opt_out,
            allow_private=settings.allow_private,
            proxy=settings.proxy,
        )

    def _earlier(self, mark: str) -> str:
        """The table of the run of which what failed is asked for again; empty if all is asked for.

        Raises:
            InputError: It is of other addresses.
        """
        output, begun = self.settings.output, join(self.cache, f"again-{mark}")
        known = mark_of_downloads(output)
        if known is None or not (self.settings.retry_failed or exists(begun)):
            return ""
        if known != mark:
            raise InputError(f"--retry-failed: {output} {OTHER_ADDRESSES}")
        write_atomic(begun, b"")
        return join(output, DOWNLOADS_FILE)

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


OTHER_ADDRESSES = (
    "holds a run of other lists, or one that was cut otherwise; leave out --retry-failed, or give the "
    "lists and options of that run."
)


@dataclass(kw_only=True)
class FetchJob[S: DownloadOptions, W: FetchWorkflow[Any]](WorkflowJob[S, W]):
    """The command of such a workflow."""

    what: ClassVar[str] = "downloaded"
    """Of those that came, in the line with the counts."""
    without: ClassVar[str] = "not"
    """Of those that did not."""

    def __post_init__(self) -> None:
        """What failed is asked for again in the folder where it is missing."""
        if self.settings.retry_failed and not self.settings.overwrite:
            self.settings = replace(self.settings, resume=True)

    def finished(self) -> dict[str, Any] | None:
        """With --retry-failed, if nothing failed.

        Raises:
            InputError: What failed is of other lists.
        """
        output = self.settings.output
        if not self.settings.retry_failed or not exists(join(output, RECORD_FILE)):
            return super().finished()
        record = read_record(output)
        if not self.workflow.may_retry(record):
            raise InputError(f"--retry-failed: {output} {OTHER_ADDRESSES}")
        self.workflow.key = self.workflow.wanted().key
        is_whole = record.get("status") == "done" and not record["facts"].get("failed")
        return record["facts"] if is_whole else None

    def result(self, facts: dict[str, Any]) -> JobResult:
        """What came, what did not and why, and where the result is."""
        reasons = list(facts["failed_by"].items())
        lines = [
            f"{counted(facts['urls'], 'addresses')}: {facts['downloaded']:,} {self.what}, "
            f"{facts['bytes'] / 1e6:,.1f} MB; {facts['failed']:,} {self.without}",
            *(f"  {reason}: {count:,}" for reason, count in reasons[:_SHOWN]),
            *([f"  and {len(reasons) - _SHOWN:,} more reasons"] if len(reasons) > _SHOWN else []),
            *(["  --retry-failed asks for those again"] if reasons else []),
        ]
        names = ("urls", "downloaded", "failed", "failed_by", "bytes", "quarantined", "notes")
        of_a_step = {
            "documents": facts["urls"],
            "kept": facts["downloaded"],
            "removed": facts["failed"],
            "rules": facts["failed_by"],
            "unit": "addresses",
        }
        summary = {name: facts[name] for name in names} | of_a_step
        return self.told(
            facts, lines, summary, files=f"report.html, data/, {DOWNLOADS_FILE}, run.json"
        )
