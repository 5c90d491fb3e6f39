"""The command `curator-text forget`: take documents out of a finished run, by their ids.

The input is not touched. What was interrupted is done by the same command once more.
"""

import importlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.job_record import data_files
from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files.formats import format_by_ending
from curator_engine.files.listing import list_files
from curator_engine.files.manifest import foreign_names, made_in, root_of
from curator_engine.files.output_folder import take
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, remove, remove_tree
from curator_engine.report.funnel_page import write_funnel_page
from curator_engine.report.html_page import PAGE, try_page, try_to
from curator_engine.running.run_record import write_record
from curator_text.dedup.forget_in_index import forget_in_index
from curator_text.dedup.index import is_index
from curator_text.exact.index_hashes import HASH_FILES
from curator_text.fuzzy.signed_part import SIGNED_FILES
from curator_text.removal.forget_documents import Forgetting, forget_in_data, forget_in_run
from curator_text.removal.listed_ids import read_ids
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.repeats.index_pieces import LINES_FILES, WINDOWS_FILES
from curator_text.result_settings import ForgetSettings
from curator_text.semantic.index_vectors import VECTOR_FILES

_PAGES = {
    "classify": "classify_page",
    "embed": "embed_page",
    "generate": "generate_page",
    "langid": "langid_page",
    "clean": "edit_page",
    "lines": "repeats_page",
    "substring": "repeats_page",
    "decontaminate": "decontaminate_page",
    "exact": "page",
    "fuzzy": "page",
    "semantic": "page",
    "filter": "filter_page",
}
"""The module that makes the page of a job; that of another job goes."""
_WHOLE = {
    "blend": "the tokens",
    "download": "the fetched files",
    "interleaved": "the documents with their pictures",
    "tokenize": "the tokens",
    "train": "the model",
}
"""What else holds a document's text, by job."""
_INDEX_FILES = {
    "fuzzy": SIGNED_FILES,
    "exact": HASH_FILES,
    "lines": LINES_FILES,
    "semantic": VECTOR_FILES,
    "substring": WINDOWS_FILES,
}
"""What is in an index, by the job that makes it."""
_BLOCKS = "blocks.parquet"
"""Says where the documents of `scores/` lie, which is not so any more."""
_SHOWN = 5
"""Ids that were not found that are shown."""


def run(settings: ForgetSettings, console: Console) -> JobResult:
    """Forget documents.

    Raises:
        InputError: It is no folder of a finished run, another run works in it, or it had no ids.
    """
    *words, folder = settings.inputs
    console.say(f"documents are taken out of {folder}; if stopped, the same command goes on")
    ids = sorted({each for each in _ids(words, settings) if each})
    if not ids:
        raise InputError(
            "there are no ids in what was given; give ids, or a file with one per line."
        )
    made = Forgetting(ids=pa.array(ids, pa.string()), dry_run=settings.dry_run)
    work = _Work(run=_opened(folder), settings=settings, console=console, forgetting=made)
    work.do()
    return work.result(ids)


def _ids(words: list[str], settings: ForgetSettings) -> Iterator[str]:
    """The ids that were given, those of files among them."""
    yield from settings.id
    for word in words:
        if not Path(word).is_file():
            yield word
        elif format_by_ending(word) in ("jsonl", "parquet"):
            for file in list_files([word], extensions=[""]):
                for ids in read_ids(file, settings.list_field):
                    yield from map(str, ids.drop_null().to_pylist())
        else:
            yield from (line.strip() for line in Path(word).read_text("utf-8").splitlines())


def _opened(folder: str) -> RunFolder:
    """The run of a folder.

    Raises:
        InputError: It is not the folder of a finished run, or of one step of a run.
    """
    run = open_run(folder)
    root = root_of(folder)
    if root is None or run.record.get("job") is None:
        raise InputError(f"{folder} is not the folder of a run; give the output folder of a run.")
    if not is_remote(folder) and Path(root).resolve() != Path(folder).resolve():
        raise InputError(f"{folder} is a part of the run in {root}; give that folder.")
    if run.record.get("status") != "done":
        raise InputError(
            f"{folder} holds a run that is not finished ({run.record.get('status')}); finish it with "
            "--resume first, or remove the folder."
        )
    _refuse_whole(folder, run.record)
    return run


def _refuse_whole(folder: str, record: Mapping[str, Any]) -> None:
    """Raise for a run in which documents lie where they cannot be taken out.

    Raises:
        InputError: It is one.
    """
    steps: Iterable[str] = record.get("steps") or () if record.get("job") == "run" else ()
    for job in (str(record["job"]), *(name.partition("-")[2] for name in steps)):
        if job in _WHOLE:
            raise InputError(
                f"{folder} holds {_WHOLE[job]} of {job}, out of which no document can be taken; run it "
                "again without the documents, and remove the folder."
            )


@dataclass(kw_only=True)
class _Work:
    """Takes documents out of one run."""

    run: RunFolder
    settings: ForgetSettings
    console: Console
    forgetting: Forgetting
    lines: list[str] = field(default_factory=list[str])
    """What is said besides the counts."""

    @cached_property
    def folders(self) -> list[RunFolder]:
        """The folders of the jobs: that of the run, or those of its steps."""
        if self.run.record["job"] != "run":
            return [self.run]
        names = list(self.run.record.get("steps", {}))
        paths = [join(self.run.path, "steps", name) for name in names]
        return [open_run(path) for path in paths if exists(join(path, "run.json"))]

    def id_field(self, run: RunFolder) -> str:
        """The field of ids.

        Raises:
            InputError: The run had none, and none was given.
        """
        if found := run.settings.get("id_field") or self.settings.id_field:
            return str(found)
        raise InputError(
            f"{run.path} had no --id-field, so its tables name documents by file and row, which change; "
            "give --id-field for data/ alone, or run again with one."
        )

    def do(self) -> None:
        """Do the work, with all folders taken."""
        fields = [self.id_field(each) for each in self.folders]
        record = self.run.record
        with ExitStack() as stack:
            version = str(record.get("version", ""))
            taken = {self.run.path: str(record["job"])}
            taken |= dict.fromkeys(self._named("save_index"), "index")
            taken |= dict.fromkeys(self._named("cache_path"), "cache")
            for path, job in taken.items():
                stack.enter_context(take(path, job=job, version=version, mode="resume"))
            entry, before = self._begin(), self._count_files()
            for path, job in taken.items():
                if job == "index" and is_index(path):
                    forget_in_index(path, self.forgetting, _INDEX_FILES)
                elif job == "cache":
                    self._empty(path)
            for each, name in zip(self.folders, fields, strict=True):
                self._forget_in(each, name)
            if record["job"] == "run":
                forget_in_data(join(self.run.path, "data"), fields[-1], self.forgetting)
                self._note_files(before)
            self._say_foreign()
            self._end(entry)

    def _count_files(self) -> dict[str, int]:
        """How many files each step of a run has left, as far as they are still there, and the result."""
        folders = {name: join("steps", name) for name in self.run.record.get("steps", {})}
        return {
            name: len(data_files(join(self.run.path, *filter(None, [folder]), "data")))
            for name, folder in {**folders, "": ""}.items()
        }

    def _note_files(self, before: dict[str, int]) -> None:
        """Note it in the record: a file that lost all its documents is gone, and is not to be made again."""
        now, steps = self._count_files(), self.run.record["steps"]
        for name, step in steps.items():
            if before[name]:
                step["files"] = now[name]
        steps[list(steps)[-1]]["files"] = now[""]

    def _named(self, setting: str) -> list[str]:
        """The folders beside the result that the jobs have written into, if they are still there."""
        named = [run.settings.get(setting) for run in self.folders]
        return list(dict.fromkeys(path for path in named if path and exists(path)))

    def _forget_in(self, run: RunFolder, id_field: str) -> None:
        # Of a run without ids, tables have places in the place of ids.
        if run.settings.get("id_field"):
            before = sum(self.forgetting.counts.values())
            forget_in_run(run.path, id_field, self.forgetting)
            if sum(self.forgetting.counts.values()) == before and self._was_whole:
                return
        else:
            forget_in_data(join(run.path, "data"), id_field, self.forgetting)
        if self.settings.dry_run:
            return
        self._empty(join(run.path, ".cache"))
        remove(join(run.path, _BLOCKS))
        remove(join(run.path, PAGE))
        if name := _PAGES.get(str(run.record.get("job"))):
            module = importlib.import_module(f"curator_text.report.{name}")
            if note := try_page(module.build_page, run.path):
                self.lines.append(note)
        else:
            self.lines.append(
                f"{join(run.path, PAGE)} is removed, as it may quote what is forgotten"
            )

    @property
    def _was_whole(self) -> bool:
        """Whether no earlier call was interrupted."""
        return all(each.get("documents") is not None for each in self._entries[:-1])

    @property
    def _entries(self) -> list[dict[str, Any]]:
        return self.run.record.setdefault("forgotten", [])

    def _begin(self) -> dict[str, Any]:
        """Note that documents are being forgotten, before any is."""
        entry: dict[str, Any] = {"when": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "documents": None}
        self._entries.append(entry)
        if not self.settings.dry_run:
            write_record(self.run.path, self.run.record)
        return entry

    def _end(self, entry: dict[str, Any]) -> None:
        """Note how many documents were forgotten, and not which."""
        entry |= {"documents": len(self.forgetting.met), "places": dict(self.forgetting.counts)}
        entries = [each for each in self._entries if each.get("documents") != 0]
        begun = [each for each in entries if each.get("documents") is None]
        if begun and self.forgetting.met:
            # What was interrupted is done now.
            entries = [each for each in entries if each not in begun]
        self.run.record["forgotten"] = entries
        if not self.settings.dry_run:
            write_record(self.run.path, self.run.record)
            if self.run.record["job"] == "run":
                try_to(write_funnel_page, self.run.path)

    def _empty(self, path: str) -> None:
        """Remove what lies between the steps of a run: only time is lost."""
        count = len([each for each in made_in(path) if exists(each)])
        self.forgetting.counts["cache"] += count
        if count and not self.settings.dry_run:
            remove_tree(path)

    def _say_foreign(self) -> None:
        left = [name for name, _ in zip(foreign_names(self.run.path), range(1000), strict=False)]
        if left:
            self.lines.append(
                f"{counted(len(left), 'files')} in {self.run.path} are not ours and were not looked at, such as {left[0]}"
            )

    def result(self, ids: list[str]) -> JobResult:
        """The counts per place, and what was not found."""
        made, folder = self.forgetting, self.run.path
        unknown = [each for each in ids if each not in made.met]
        would = "would be " if made.dry_run else ""
        counts = ", ".join(f"{place} {count:,}" for place, count in made.counts.items() if count)
        lines = [
            f"{len(made.met):,} of {counted(len(ids), 'documents')} {would}forgotten in {folder}",
            *([f"  taken out: {counts}"] if counts else []),
            *self.lines,
        ]
        if unknown:
            shown = ", ".join(unknown[:_SHOWN]) + (" ..." if len(unknown) > _SHOWN else "")
            lines.append(f"{len(unknown):,} ids were not found: {shown}")
        lines.append("the input still has them: a run that is done again brings them back")
        summary = {
            "documents": len(made.met),
            "not_found": len(unknown),
            "places": dict(made.counts),
            "output": folder,
        }
        return JobResult(summary=summary, lines=lines)
