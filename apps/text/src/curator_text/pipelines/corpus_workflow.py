"""What workflows have in common that read documents block by block: the input, the cache, the step that reads."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, Format, file_source, parse_size
from curator_engine.stages.small_files import tasks_of
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_text.pipelines.folders import take_folders
from curator_text.read.keep import KeepPolicy
from curator_text.read.preflight import check_text_field
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.corpus_stage import CORPUS_FILE
from curator_text.removal.outcome import check_keep, check_read
from curator_text.text_settings import TextSettings
from curator_text.version import __version__

NAMES = {
    "inputs": "input_path",
    "output": "output_path",
    "cache": "cache_path",
    "format": "input_filetype",
}
"""Settings that `run.json` and NeMo Curator's keywords call by another name."""


@dataclass(kw_only=True)
class CorpusWorkflow[S: TextSettings](FolderWorkflow[S]):
    """A workflow whose first step reads all documents, and keeps where each of them lies."""

    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the format unless given."""
    version = __version__
    names: ClassVar[dict[str, str]] = {}
    """More settings that are called by another name."""
    unrecorded: ClassVar[frozenset[str]] = frozenset()
    """Settings that the result does not depend on."""

    @property
    def reads_texts(self) -> dict[str, Any]:
        """What every stage takes that reads texts."""
        settings = self.settings
        size = parse_size(settings.max_row)
        return {"text_field": settings.text_field, "id_field": settings.id_field, "max_row": size}

    def read(
        self,
        steps: Steps,
        name: str,
        stage: AnyStage,
        tasks: list[FileGroupTask] | None,
        *,
        keep: KeepPolicy | None = None,
    ) -> Corpus:
        """Run the step that reads the documents.

        Args:
            steps: Runs it.
            name: Of the step, and of the folder in the cache into which the stage writes.
            stage: What reads.
            tasks: What it reads; None for the input.
            keep: A policy that has to be able to order the documents.

        Raises:
            InputError: No row has the text field, or the policy's.
            StageError: Nothing can be read.
        """
        return self.read_tasks(steps, name, stage, tasks, keep=keep)[0]

    def read_tasks(
        self,
        steps: Steps,
        name: str,
        stage: AnyStage,
        tasks: list[FileGroupTask] | None,
        *,
        keep: KeepPolicy | None = None,
    ) -> tuple[Corpus, list[FileGroupTask]]:
        """As `read`; with the results of the step, which may say more than where documents lie."""
        tasks = self.tasks_of_input(tasks)
        stages = [self.source(), stage] if tasks is None else [stage]
        found = steps.run(name, stages, tasks)
        corpus = corpus_of(join(self.cache, name), found)
        corpus.require_text(self.settings.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        if keep:
            check_keep(corpus, keep)
        corpus.save(join(self.cache, CORPUS_FILE))
        return corpus, found

    def check(self) -> None:
        """Look at the sizes."""
        parse_size(self.input_blocksize)
        parse_size(self.settings.max_row)

    def look(self, executor: Executor) -> None:
        """Look for the text field."""
        if self.settings.inputs:
            check_text_field(self.listed().files, self.settings.text_field, edits=self.edits_texts)

    @property
    def edits_texts(self) -> bool:
        """Whether texts are changed, and so written back into their field."""
        return False

    @classmethod
    def reads(cls, settings: S) -> Format:
        """As the option says."""
        return settings.format

    @property
    def extensions(self) -> list[str] | None:
        """As they were given."""
        return self.input_file_extensions

    def recorded(self) -> dict[str, Any]:
        """The settings, by the names that `run.json` has for them."""
        names, plain = {**NAMES, **self.names}, super().recorded()
        settings = self.settings
        plain |= {"output": settings.output, "cache": settings.cache}
        kept = {k: v for k, v in plain.items() if k not in self.unrecorded}
        return {names.get(name, name): value for name, value in kept.items()}

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """The output, the cache, the index."""
        settings = self.settings
        return take_folders(
            settings.output,
            settings.cache,
            job=self.job,
            settings=self.recorded(),
            inputs=inputs,
            index=getattr(settings, "save_index", None),
        )

    def tasks_of_input(self, tasks: list[FileGroupTask] | None) -> list[FileGroupTask] | None:
        """The tasks that were given, or some of several small files each; None for those of `source`."""
        if tasks is not None:
            return tasks
        size, limit = self.input_blocksize, self.settings.limit
        return tasks_of(self.listed().files, blocksize=size, limit=limit)

    def source(self) -> FilePartitioner:
        """The stage that cuts the input into tasks."""
        settings = self.settings
        return file_source(
            file_paths=settings.inputs,
            blocksize=self.input_blocksize,
            file_extensions=self.input_file_extensions,
            file_format=settings.format,
            limit=settings.limit,
            shard=settings.shard,
        )
