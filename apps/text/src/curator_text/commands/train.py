"""The command `curator-text train`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.running.lost_rows import lost_lines
from curator_engine.stage import AnyStage
from curator_text.classifier_settings import TrainSettings
from curator_text.commands.text_job import TextJob
from curator_text.models.linear_model import lowered
from curator_text.pipelines.train import TrainWorkflow

_NGRAMS_SHOWN = 8
_BYTES_PER_TEXT_BYTE = 4
"""Disk in the cache per byte of text: about one n-gram of four bytes per three bytes, and the text."""
_SECONDS_PER_BYTE = 1.2e-8
"""Of one pass of training."""


@dataclass(kw_only=True)
class Train(TextJob[TrainSettings, TrainWorkflow]):
    """A model of good and bad texts."""

    of = TrainWorkflow
    has_kernels = True

    def dry_run(self) -> DryRun:
        """N-grams are hashed of the beginnings of a few files."""
        settings, ngrams = self.settings, self.workflow.ngrams
        extent = self.tried(lambda texts: ngrams.places(*lowered(texts)))
        stages: list[AnyStage] = [self.workflow.source(), self.workflow.read_stage()]
        fitting = extent.input_bytes * settings.epochs * _SECONDS_PER_BYTE
        return self.planned(
            {"ngrams": (stages, None)},
            extent,
            lines=[f"{1 << settings.bits:,} weights, {settings.epochs} passes"],
            seconds=extent.seconds / self.processes + fitting,
            disk_bytes=_BYTES_PER_TEXT_BYTE * extent.input_bytes + (2 << settings.bits),
        )

    def result(self, facts: dict[str, Any]) -> JobResult:
        """How well the model does, what it goes by, and where it is."""
        held_out, output = facts["held_out"], self.settings.output
        tested = held_out["good"] + held_out["bad"]
        signs = {
            word: [each["ngram"] for each in facts["ngrams"] if (each["weight"] > 0) == is_good]
            for word, is_good in (("good", True), ("bad", False))
        }
        left_out = {
            "copies": facts["copies"],
            "in both": facts["in_both"],
            "without a word": facts["empty"],
        }
        shown = ", ".join(f"{count:,} {name}" for name, count in left_out.items() if count)
        lines = [
            f"{facts['good']:,} good and {facts['bad']:,} bad texts{f' (left out: {shown})' if shown else ''}, "
            f"{facts['total_time']:.1f} s",
            f"on {counted(tested, 'texts')} held out: area under the curve {held_out['auc']:.4f}, right at 0.5 "
            f"{held_out['accuracy']:.1%}",
            *(
                f"  signs of {word} texts: {' | '.join(ngrams[:_NGRAMS_SHOWN])}"
                for word, ngrams in signs.items()
            ),
            *lost_lines(facts, output),
            f"result in {output}: model.safetensors, report.html, run.json",
            f"use it: curator-text filter IN -o OUT --model {output}",
        ]
        summary = {
            "documents": facts["num_documents"],
            "good": facts["good"],
            "bad": facts["bad"],
            "copies": facts["copies"],
            "in_both": facts["in_both"],
            "auc": held_out["auc"],
            "accuracy": held_out["accuracy"],
            "quarantined": facts["quarantined"],
            "seconds": facts["total_time"],
            "output": output,
        }
        return JobResult(summary=summary, lines=lines, exit_code=3 if facts["quarantined"] else 0)
