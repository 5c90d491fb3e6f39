"""Training: hash the n-grams of good and bad texts, fit a linear model, test it on texts that it has not seen.

The first step is a pipeline that runs on any executor and goes on where it was stopped. The model does not depend on
the executor, the machine, or the order of files and rows.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.errors import InputError, SettingsError
from curator_engine.files.paths import join
from curator_engine.pipeline import Executor
from curator_engine.stage import AnyStage
from curator_engine.stages.files import (
    FilePartitioner,
    Format,
    file_source,
    find_inputs,
    parse_size,
)
from curator_engine.stages.small_files import tasks_of
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_text.classifier_settings import TrainSettings
from curator_text.models.linear_model import MODEL_FILE, LinearModel
from curator_text.read.preflight import check_text_field
from curator_text.removal.array_files import load_arrays
from curator_text.removal.corpus import Corpus, corpus_of
from curator_text.removal.outcome import check_read, count_documents
from curator_text.report.train_page import build_page
from curator_text.training.evaluate import evaluate
from curator_text.training.examples import Examples, gather
from curator_text.training.fit import fit, held_out_values
from curator_text.training.read_ngrams import Ngrams, ReadNgrams
from curator_text.training.telling import Spellings, named, spellings, telling_places
from curator_text.version import __version__

_LOOKED_THROUGH = 256 << 20
"""Bytes of the texts in which telling n-grams are looked up; later ones do not change what they are."""


@dataclass(kw_only=True)
class TrainWorkflow(FolderWorkflow[TrainSettings]):
    """Train a linear model that tells good texts from bad ones.

    Example:
        >>> settings = TrainSettings(inputs=["good", "bad"], output="model")
        >>> TrainWorkflow(settings=settings).run()
    """

    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    job, version = "train", __version__
    draw = staticmethod(build_page)
    _good: frozenset[str] = field(default=frozenset(), init=False, repr=False)

    @cached_property
    def ngrams(self) -> Ngrams:
        """How n-grams are made."""
        settings = self.settings
        return Ngrams(order=settings.ngrams, most=settings.max_words, bits=settings.bits)

    @classmethod
    def reads(cls, settings: TrainSettings) -> Format:
        """As the option says."""
        return settings.format

    def check(self) -> None:
        """Look at the settings."""
        self.settings.check()
        parse_size(self.input_blocksize)
        parse_size(self.settings.max_row)

    def look(self, executor: Executor) -> None:
        """Look for the text field, and which files are of good texts.

        Raises:
            InputError: A file is of both kinds.
        """
        settings = self.settings
        if not settings.inputs:
            raise SettingsError("no input; give two, GOOD and BAD, in the settings.")
        check_text_field(self.listed().files, settings.text_field)
        good, bad = (
            frozenset(file.path for file in find_inputs([each], file_format=settings.format).files)
            for each in settings.inputs
        )
        if both := sorted(good & bad):
            raise InputError(f"{both[0]} is in GOOD and in BAD; a file can be one of both.")
        self._good = good

    def source(self) -> FilePartitioner:
        """The stage that cuts the input into tasks."""
        settings = self.settings
        return file_source(
            file_paths=settings.inputs,
            blocksize=self.input_blocksize,
            file_format=settings.format,
            shard=None,
        )

    def read_stage(self, path: str = "") -> ReadNgrams:
        """The stage that hashes n-grams, and writes into a folder."""
        settings = self.settings
        size = parse_size(settings.max_row)
        return ReadNgrams(
            path=path, text_field=settings.text_field, max_row=size, ngrams=self.ngrams
        )

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Read, fit, test, and write the model."""
        if tasks is not None:
            raise SettingsError(
                "train reads GOOD and BAD of the settings, no tasks; leave them out."
            )
        corpus = self._read(steps)
        counts = count_documents(corpus)
        facts |= {name: counts[name] for name in ("num_documents", "no_text", "text_bytes")}
        settings = self.settings
        good = [block.path in self._good for block in corpus.blocks]
        examples, found = gather(
            corpus, good, held_out=settings.held_out, most=settings.max_documents
        )
        facts |= found
        model, facts["errors"] = fit(examples, self.ngrams, epochs=settings.epochs)
        self._test(model, examples, facts)
        facts["ngrams"] = self._telling(model, examples, corpus, good)
        about = {name: facts[name] for name in ("good", "bad")} | {
            "trained_by": f"curator-text {__version__}",
            "auc": facts["held_out"]["auc"],
        }
        replace(model, about=about).save(join(settings.output, MODEL_FILE))

    def _read(self, steps: Steps) -> Corpus:
        size = self.input_blocksize
        given = tasks_of(self.listed().files, blocksize=size)
        path = join(self.cache, "ngrams")
        stage = self.read_stage(path)
        stages: list[AnyStage] = [self.source(), stage] if given is None else [stage]
        corpus = corpus_of(path, steps.run("ngrams", stages, given))
        corpus.require_text(self.settings.text_field)
        check_read(corpus, quarantined=steps.troubles()["quarantined"])
        return corpus

    def _test(self, model: LinearModel, examples: Examples, facts: dict[str, Any]) -> None:
        values, labels = held_out_values(model, examples)
        facts["held_out"] = evaluate(model.calibrated(values), labels)
        facts["trained"] = len(examples.trained)

    def _telling(
        self, model: LinearModel, examples: Examples, corpus: Corpus, good: list[bool]
    ) -> list[dict[str, Any]]:
        """The n-grams that the model goes by."""
        places = telling_places(model, examples)
        found: tuple[Spellings, Spellings] = (Counter(), Counter())
        left = {True: _LOOKED_THROUGH // 2, False: _LOOKED_THROUGH // 2}
        for block, is_good in zip(corpus.blocks, good, strict=True):
            if not block.documents or left[is_good] <= 0:
                continue
            arrays = load_arrays(corpus.path(block, ".npz"))
            offsets = arrays["offsets"][block.first : block.first + block.documents + 1]
            found[is_good].update(spellings(arrays["text"], offsets, self.ngrams, places))
            left[is_good] -= int(offsets[-1] - offsets[0])
        return named(model, places, good=found[True], bad=found[False])

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether there is a model."""
        return "ngrams" in facts
