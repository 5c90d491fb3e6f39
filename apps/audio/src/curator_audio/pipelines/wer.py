"""Transcripts against references: word and character error rates, by text, by speaker and by file.

errors.parquet          a row per text, with its errors
groups.parquet          a row per value of the fields by which rates are told
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq

from curator_audio import __version__
from curator_audio.read.text_rows import find_texts, text_rows
from curator_audio.report.wer_page import ERRORS, GROUP_RATES, build_wer_page
from curator_audio.settings import WerSettings
from curator_audio.transcripts.compare_texts import CompareTexts, TextFields, read_references
from curator_audio.transcripts.compared import GroupTotals, Totals, schema_of
from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.listing import FileInfo, Listing
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, open_read
from curator_engine.pipeline import Executor
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.part_files import RowFiles
from curator_engine.stages.small_files import task_of
from curator_engine.stages.table_files import write_table
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash

_LOOKED_AT = 1000
"""Rows of a file in which the fields are looked for."""


@dataclass(kw_only=True)
class WerWorkflow(FolderWorkflow[WerSettings]):
    """Compare transcripts with references; `curator-audio wer` in Python.

    Example:
        >>> settings = WerSettings(inputs=["manifest.jsonl"], output="errors")
        >>> WerWorkflow(settings=settings).run().metadata["wer"]
        0.082
    """

    job, version = "wer", __version__
    draw = staticmethod(build_wer_page)
    _known: dict[str, str] = field(default_factory=dict[str, str], init=False, repr=False)
    _references: list[FileInfo] = field(default_factory=list[FileInfo], init=False, repr=False)

    def files_that_count(self) -> int | None:
        """As the limit says."""
        return self.settings.limit

    def listed(self) -> Listing:
        """The input, which is listed once; folders of runs stand for their transcripts.

        Raises:
            InputError: A path is missing or nothing matches.
        """
        if self.listing is None:
            self.listing = find_texts(self.settings.inputs)
        return self.listing

    def check(self) -> None:
        """Read the references.

        Raises:
            InputError: They cannot be read, or hold no texts with ids.
        """
        if self.settings.references:
            self._references = find_texts(self.settings.references).files
            self._known = read_references(self.settings.references, self._fields)

    def look(self, executor: Executor) -> None:
        """Look for the fields.

        Raises:
            InputError: No file has them.
        """
        if not self.settings.inputs:
            return
        files = self.listed().files
        if not any(self._has_fields(file.path) for file in files):
            wanted = "a text" if self._known else "both texts"
            raise InputError(
                f"no row of {files[0].path}{' and the others' * (len(files) > 1)} has {wanted} to compare; "
                "name the fields by --reference-field and --hypothesis-field, or give --references."
            )

    def folders(self, inputs: Sequence[str]) -> AbstractContextManager[Any]:
        """As of every job; the references are input."""
        return super().folders([*inputs, *(file.path for file in self._references)])

    def recorded(self) -> dict[str, Any]:
        """With a hash of the references, whose files may change."""
        return super().recorded() | {"references_hash": self._references_hash}

    def stages(self) -> list[AnyStage]:
        """What every file goes through."""
        return [FilePartitioner(file_paths=self.settings.inputs), self._compare()]

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Compare, and add up."""
        if tasks is None:
            files = self.listed().files[: self.settings.limit]
            tasks = [task_of([(f.path, f.name, f.stamp)], first=i) for i, f in enumerate(files)]
        compare = self._compare()
        steps.run("compare", compare, tasks)
        facts |= self._add_up(compare.parts)

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether the errors are counted."""
        return "items" in facts

    @property
    def _fields(self) -> TextFields:
        s = self.settings
        return TextFields(reference=s.reference_field, hypothesis=s.hypothesis_field, id=s.id_field)

    @property
    def _references_hash(self) -> str:
        marks = [f"{each.path} {each.stamp}" for each in self._references]
        return short_hash(*marks) if marks else ""

    def _compare(self) -> CompareTexts:
        return CompareTexts(
            parts=join(self.cache, "parts"),
            fields=self._fields,
            by=tuple(self.settings.by),
            references=tuple(self.settings.references),
            references_hash=self._references_hash,
            language=self.settings.language,
            normalized=self.settings.normalize == "on",
        )

    def _has_fields(self, path: str) -> bool:
        """Whether one of the first rows of a file can be compared."""
        fields, alone = self._fields, bool(self._known)
        try:
            for row in text_rows(path):
                heard = fields.hypothesis_in(row.fields, alone=alone)
                said = "" if alone else fields.reference_in(row.fields)
                if heard is not None and said is not None:
                    return True
                if row.number >= _LOOKED_AT:
                    return False
        except UnreadableFileError:
            # It goes to quarantine later.
            return False
        return False

    def _add_up(self, parts: str) -> dict[str, Any]:
        """Write the tables, part by part, so that they need not fit into memory."""
        output, by = self.settings.output, self.settings.by
        totals, groups, problems = Totals(), GroupTotals(by), Counter[str]()
        left, first_id = set(self._known), ""
        with RowFiles(
            path_of=lambda _: join(output, ERRORS), options={"compression": "zstd"}
        ) as made:
            made.write(schema_of(by).empty_table())
            for name in sorted(list_names(parts)):
                with open_read(join(parts, name)) as file:
                    table = pq.read_table(file, use_threads=False)
                made.write(table)
                rows = table.to_pylist()
                first_id = first_id or next((row["id"] for row in rows if row["id"]), "")
                problems.update(row["problem"] for row in rows if row["problem"])
                compared = [row for row in rows if not row["problem"]]
                left.difference_update(row["id"] for row in compared)
                for row in compared:
                    totals.add(row)
                groups.add(compared)
        write_table(join(output, GROUP_RATES), groups.table())
        nothing = [_nothing(first_id, min(left, default=""))] if not totals.items else []
        return totals.facts() | {
            "not_compared": dict(problems),
            "unused_references": len(left),
            "notes": nothing,
        }


def _nothing(text: str, reference: str) -> str:
    """The line for a run in which no text has a reference.

    Args:
        text: The id of one.
        reference: The id of a reference that is left; empty where none are given apart.
    """
    if not reference:
        return "nothing was compared: column problem of errors.parquet says why"
    return (
        f"nothing was compared: no text, such as {text!r}, has the id of a reference, such as {reference!r}; name the "
        "field of ids by --id-field"
    )
