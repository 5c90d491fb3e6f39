"""Classification: ask a model about each document, decide from its answers, write.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run on any
executor and resumes where it was stopped. Only the first step reads texts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from curator_engine.files.paths import join
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.classifier_settings import ClassifySettings
from curator_text.classifiers.choose_judge import make_judge
from curator_text.classifiers.classify_documents import ClassifyDocuments
from curator_text.classifiers.decide_labels import (
    DecideLabels,
    added_up,
    check_where,
    labels_schema,
)
from curator_text.classifiers.judges import Judge, check_labels
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.report.classify_page import build_page


@dataclass(kw_only=True)
class ClassifyWorkflow(RemovalWorkflow[ClassifySettings]):
    """Classify each document by a model, and remove those of labels that are not kept.

    Each row gets the classifier's label and scores.

    Example:
        >>> settings = ClassifySettings(inputs=["corpus"], output="judged", model="model")
        >>> ClassifyWorkflow(settings=settings).run()
    """

    job, title = "classify", "classify"
    unrecorded = frozenset({"device", "batch_size"})
    draw = staticmethod(build_page)

    @cached_property
    def judge(self) -> Judge:
        """What classifies; not open."""
        settings = self.settings
        return make_judge(settings.classifier, settings.model, settings.prompt_file)

    def check(self) -> None:
        """Look at the classifier, the labels and the condition."""
        super().check()
        self.settings.check()
        check_labels(self.judge, self.settings.filter_by)
        labels_schema(self.judge.fields)
        check_where(self.settings.where, self.judge.fields)

    def recorded(self) -> dict[str, Any]:
        """With a mark of the model, whose files may change."""
        settings = self.settings
        named = settings.classifier is not None or settings.model is not None
        return {**super().recorded(), "model_key": self.judge.key if named else ""}

    def classify_stage(self, path: str = "") -> ClassifyDocuments:
        """The stage that asks the classifier, and writes into a folder."""
        settings = self.settings
        return ClassifyDocuments(
            path=path,
            **self.reads_texts,
            classifier=settings.classifier,
            model=settings.model,
            prompt_file=settings.prompt_file,
            model_key=self.judge.key,
            model_batch_size=settings.batch_size,
            device=settings.device,
        )

    def decide_stage(self, corpus_key: str = "") -> DecideLabels:
        """The stage that decides."""
        settings = self.settings
        return DecideLabels(
            cache=self.cache,
            corpus_key=corpus_key,
            output=settings.output,
            fields=self.judge.fields,
            label_field=self.judge.label_field,
            keep=settings.filter_by,
            where=settings.where,
        )

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Classify them."""
        return self.read(
            steps, "classify", self.classify_stage(join(self.cache, "classify")), tasks
        )

    @property
    def _key(self) -> str:
        settings = self.settings
        return repr((settings.classifier, self.judge.key, settings.text_field, settings.id_field))

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Decide from the answers."""
        stage = self.decide_stage(short_hash(corpus.key, self._key))
        found = steps.run("decide", stage, source_tasks(corpus))
        facts["labels"] = added_up(found)
        return found

    @property
    def adds(self) -> Sequence[str]:
        """The fields of the answers."""
        return list(self.judge.fields)

    def writer(self) -> tuple[Callable[..., RemoveDocuments], str]:
        """With the fields of the answers."""
        return partial(RewriteDocuments, added=self.judge.fields), self._key
