"""Filter documents of texts and pictures.

data/                 what stays of them
removed/              documents and pictures that went, and why
scores/               all documents and pictures with their measures
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.stage import AnyStage
from curator_engine.stages.files import parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_text.interleaved.copies import CountCopies, save_copies
from curator_text.interleaved.earlier_measures import check_run
from curator_text.interleaved.filter_files import DocumentFiles, FilterDocuments
from curator_text.interleaved.limits import DocumentLimits, PictureLimits
from curator_text.interleaved.picture_measures import Wanted, need
from curator_text.interleaved.read_documents import ENDINGS
from curator_text.interleaved.score_tables import Condition
from curator_text.interleaved_settings import InterleavedSettings
from curator_text.report.interleaved_page import build_page
from curator_text.version import __version__


@dataclass(kw_only=True)
class InterleavedWorkflow(FolderWorkflow[InterleavedSettings]):
    """Filter documents of texts and pictures; `curator-text interleaved` in Python.

    Example:
        >>> settings = InterleavedSettings(inputs=["mint/*.tar"], output="filtered")
        >>> InterleavedWorkflow(settings=settings).run().metadata["images_kept"]
        31542
    """

    job, version = "interleaved", __version__
    draw = staticmethod(build_page)

    def check(self) -> None:
        """Look at the settings."""
        self.settings.check()
        for condition in self.conditions:
            condition.check()

    @cached_property
    def conditions(self) -> tuple[Condition, Condition]:
        """What documents and pictures have to meet."""
        settings = self.settings
        return (
            Condition(option="--where", text=settings.where),
            Condition(option="--where-images", text=settings.where_images),
        )

    def look(self, executor: Executor) -> None:
        """Look for the packages that are needed, and at the run whose measures are taken."""
        need("PIL.Image")
        if self.filter_stage().measured.code_area:
            need("zxingcpp")
        if self.settings.scores:
            check_run(self.settings.scores, self.version)

    def folders(self, inputs: Sequence[str]) -> AbstractContextManager[Any]:
        """As of every job; the measures that are taken are input."""
        scores = self.settings.scores
        return super().folders([*inputs, *([join(scores, "scores")] if scores else [])])

    def recorded(self) -> dict[str, Any]:
        """Without the run whose measures are taken: they are the same."""
        return {k: v for k, v in super().recorded().items() if k != "scores"}

    @property
    def extensions(self) -> list[str] | None:
        """Those of files with such documents."""
        return list(ENDINGS)

    def stages(self) -> list[AnyStage]:
        """Every file goes through one stage."""
        settings = self.settings
        source = DocumentFiles(
            file_paths=settings.inputs,
            file_extensions=self.extensions,
            limit=settings.limit,
            shard=settings.shard,
        )
        return [source, self.filter_stage()]

    def filter_stage(self) -> FilterDocuments:
        """The stage that filters."""
        settings = self.settings
        return FilterDocuments(
            output=settings.output,
            pictures=PictureLimits(
                min_side=settings.min_side,
                max_side=settings.max_side,
                max_aspect=settings.max_aspect,
                min_sharpness=settings.min_sharpness,
                max_code_area=settings.max_code_area,
                need_data=settings.need_data,
            ),
            documents=DocumentLimits(
                min_images=settings.min_images,
                max_images=settings.max_images,
                min_chars=settings.min_chars,
                max_chars=settings.max_chars,
                max_images_per_word=settings.max_images_per_word,
            ),
            output_format=settings.output_format,
            file_timeout=settings.file_timeout,
            file_memory=parse_size(settings.file_memory),
            copies=self._copies_file if settings.counts_copies else None,
            where=settings.where,
            where_images=settings.where_images,
            wanted=Wanted(sharpness=settings.all_measures, code_area=settings.all_measures),
            scores=settings.scores,
        )

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Filter, and add up what each task counted; look for copies first if they are to go."""
        stages = self.stages()
        if self.settings.counts_copies:
            self._find_copies(steps, stages[0], tasks)
        found = steps.run(self.job, stages if tasks is None else stages[1:], tasks)
        facts |= added_up(task._metadata for task in found)
        if note := self._unknown_fields(found):
            facts["notes"] = [note]

    def _unknown_fields(self, found: Sequence[FileGroupTask]) -> str:
        """A line on fields of the condition that no document has; empty if there are none."""
        with_field = Counter[str]()
        for task in found:
            with_field.update(task._metadata.get("with_field", {}))
        condition, _ = self.conditions
        missing = [name for name in condition.fields if not with_field[name]]
        if not missing:
            return ""
        return (
            f"--where: no document has the field {missing[0]!r}, so none meets the condition; "
            f"what is counted of documents is {', '.join(condition.columns)}."
        )

    def _find_copies(
        self, steps: Steps, source: AnyStage, tasks: list[FileGroupTask] | None
    ) -> None:
        """Count pictures and texts of all files, and write which of them are copies."""
        settings = self.settings
        count = CountCopies(
            path=join(self.cache, "copies"),
            file_timeout=settings.file_timeout,
            file_memory=parse_size(settings.file_memory),
        )
        counted = steps.run("copies", [source, count] if tasks is None else [count], tasks)
        save_copies(
            [path for task in counted for path in task.data],
            self._copies_file,
            most_documents=settings.max_image_documents,
            by_texts=settings.dedup_texts,
        )

    @property
    def _copies_file(self) -> str:
        return join(self.cache, "copies.parquet")


def added_up(counts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The facts of a run: documents, texts and pictures that came in, stayed and went."""
    total = Counter[str]()
    reasons: dict[str, Counter[str]] = {
        "document": Counter(),
        "image": Counter(),
        "text": Counter(),
    }
    for each in counts:
        total.update({name: int(each.get(name, 0)) for name in _COUNTED})
        for kind, found in each.get("removed_by", {}).items():
            reasons[kind].update(found)
    ordered = {
        kind: dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))
        for kind, found in reasons.items()
    }
    removed = reasons["document"].total()
    return {
        "num_documents": total["kept"] + removed,
        "kept": total["kept"],
        "num_removed": removed,
        **{name: total[name] for name in _COUNTED if name != "kept"},
        "removed_by": ordered["document"],
        "images_removed_by": ordered["image"],
        "texts_removed_by": ordered["text"],
    }


_COUNTED = (
    *("kept", "texts_in", "texts_kept", "images_in", "images_kept"),
    *("images_measured", "images_known"),
)
