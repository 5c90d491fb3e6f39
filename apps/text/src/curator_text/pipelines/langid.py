"""Language identification: tell, decide, write.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run on any
executor and resumes where it was stopped. Only the first step reads texts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from curator_engine.files.paths import join
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.content_settings import LangidSettings
from curator_text.language.decide_languages import DecideLanguages, added_up
from curator_text.language.detect_languages import FOUND, DetectLanguages, field_names
from curator_text.language.detectors import Detector, make_detector, wanted_languages
from curator_text.language.split_languages import SplitLanguages
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.report.langid_page import build_page


@dataclass(kw_only=True)
class LangidWorkflow(RemovalWorkflow[LangidSettings]):
    """Tell the language of each document, and remove those of languages that are not kept.

    Each row gets the language (ISO 639-3), its script (ISO 15924), the detector's score and further languages
    of the document. What is not determined is `und`.

    Example:
        >>> settings = LangidSettings(inputs=["corpus"], output="english", keep=["en"])
        >>> LangidWorkflow(settings=settings).run()
    """

    job, title = "langid", "language_identification"
    draw = staticmethod(build_page)

    @cached_property
    def detector(self) -> Detector:
        """What tells languages."""
        settings = self.settings
        return make_detector(settings.detector, model=settings.model, reliable=settings.reliable)

    @cached_property
    def keep(self) -> list[str]:
        """The languages that stay, normalized; all if empty."""
        return wanted_languages(self.settings.keep, self.detector)

    def check(self) -> None:
        """Look at the detector and the languages."""
        super().check()
        self.settings.check()
        _ = self.keep

    def recorded(self) -> dict[str, Any]:
        """With a mark of the model, whose file may change."""
        return {**super().recorded(), "model_key": self._model_key}

    @property
    def _model_key(self) -> str:
        model = self.settings.model
        if model is None or not Path(model).is_file():
            return ""
        stat = Path(model).stat()
        return short_hash(model, f"{stat.st_size} {stat.st_mtime_ns}")

    def detect_stage(self, path: str = "") -> DetectLanguages:
        """The stage that tells languages, and writes into a folder."""
        settings = self.settings
        return DetectLanguages(
            path=path,
            **self.reads_texts,
            detector=settings.detector,
            model=settings.model,
            model_key=self._model_key,
            reliable=settings.reliable,
            min_score=settings.min_score,
            language_field=settings.language_field,
        )

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Tell their languages."""
        return self.read(steps, "detect", self.detect_stage(join(self.cache, "detect")), tasks)

    @property
    def _detect_key(self) -> str:
        settings = self.settings
        given = (settings.detector, self._model_key, settings.reliable, settings.min_score)
        fields = (settings.text_field, settings.id_field, settings.language_field)
        return repr((given, fields))

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Decide from the languages."""
        stage = DecideLanguages(
            cache=self.cache,
            corpus_key=short_hash(corpus.key, self._detect_key),
            output=self.settings.output,
            keep=self.keep,
        )
        found = steps.run("decide", stage, source_tasks(corpus))
        facts["languages"] = added_up(found)
        return found

    @property
    def adds(self) -> Sequence[str]:
        """The fields of languages."""
        return list(field_names(self.settings.language_field))

    def writer(self) -> tuple[Callable[..., RemoveDocuments], str]:
        """With the fields of languages, and by language if that is asked for."""
        name = self.settings.language_field
        added = {new: FOUND[old] for old, new in field_names(name).items()}
        if self.settings.split_by_language:
            return partial(SplitLanguages, added=added, language_field=name), self._detect_key
        return partial(RewriteDocuments, added=added), self._detect_key
