"""The command `curator-text generate`: from settings to a run, and what is said about it."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.models.chat_asker import about_tokens
from curator_engine.models.token_budget import Prices, Usage
from curator_engine.task import ArrowArray
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.text_job import StepPlans
from curator_text.generate_settings import GenerateSettings
from curator_text.pipelines.generate import GenerateWorkflow
from curator_text.read.preflight import Extent
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.synthetic.ask_documents import as_strings, parts_of, question_about
from curator_text.synthetic.decide_answers import DecideAnswers
from curator_text.synthetic.service_asker import batch_of

_ANSWER_S = 5.0
"""Seconds of an answer, where nothing is known of the model."""

_SERVICE_S = 0.5
"""Seconds of an answer of a translation service."""


@dataclass(frozen=True, kw_only=True)
class _Estimate:
    """What there is to ask, judged by the beginnings of a few files."""

    documents: int
    questions: int
    most: Usage
    """Tokens of the questions, and of the longest answers to them."""
    input_bytes: int


@dataclass(kw_only=True)
class Generate(RemovalJob[GenerateSettings, GenerateWorkflow]):
    """An answer of a model for each document."""

    of = GenerateWorkflow

    @cached_property
    def estimate(self) -> _Estimate:
        """What there is to ask."""
        settings, recipe = self.settings, self.workflow.recipe
        size = len if settings.is_service else about_tokens
        counted = {"documents": 0, "questions": 0, "in": 0}

        def count(texts: ArrowArray) -> None:
            for text in as_strings(texts):
                parts = [part for part in parts_of(text, recipe) if part.asked]
                questions = [question_about(part.text, recipe) for part in parts]
                counted["documents"] += 1
                counted["questions"] += len(questions)
                counted["in"] += sum(size(q.prompt + q.system) for q in questions)

        extent = self.tried(count)
        scale = extent.documents / max(1, counted["documents"])
        questions, tokens_in = (round(counted[name] * scale) for name in ("questions", "in"))
        tokens_out = questions * recipe.max_tokens
        if recipe.score_prompt:
            tokens_in += 2 * tokens_in
            questions *= 2
        return _Estimate(
            documents=extent.documents,
            questions=questions,
            most=Usage(tokens_in=tokens_in, tokens_out=tokens_out),
            input_bytes=extent.input_bytes,
        )

    @property
    def unit(self) -> str:
        """What is counted, and paid for."""
        return "characters" if self.settings.is_service else "tokens"

    def cost_line(self) -> str:
        """What is about to be asked, what it may cost, and what it may not."""
        settings, found = self.settings, self.estimate
        line = f"about {counted(found.questions, 'questions')} of {counted(found.most.tokens_in, self.unit)}"
        if not settings.is_service:
            line += f", with answers of up to {counted(found.most.tokens_out, 'tokens')}"
        prices = Prices(usd_in=settings.usd_in, usd_out=settings.usd_out)
        if settings.usd_in or settings.usd_out:
            line += f": up to ${prices.usd(found.most):,.2f}"
        budget = [
            *(
                [f"{counted(settings.budget_tokens, self.unit)}"]
                if settings.budget_tokens is not None
                else []
            ),
            *([f"${settings.budget_usd:,.2f}"] if settings.budget_usd is not None else []),
        ]
        return f"{line}; budget: {' and '.join(budget) or 'none'}"

    def dry_run(self) -> DryRun:
        """What would be asked is judged by the beginnings of a few files; nothing is asked."""
        found = self.estimate
        common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
        steps: StepPlans = {
            "ask": ([self.workflow.source(), self.workflow.ask_stage()], None),
            "decide": ([DecideAnswers(**common)], self.blocks),
            "remove": ([RewriteDocuments(**common)], len(self.files)),
        }
        extent = Extent(documents=found.documents, seconds=0.0, input_bytes=found.input_bytes)
        dry = self.planned(
            steps,
            extent,
            lines=[f"recipe {self.workflow.recipe.name}, into {self.workflow.output_field}"],
            below=[self.cost_line()],
            seconds=found.questions * self._seconds_each(),
            memory_bytes=400 << 20,
            disk_bytes=2 * found.input_bytes + 4 * found.most.tokens_out,
        )
        asked = {
            "questions": found.questions,
            "tokens_in": found.most.tokens_in,
            "most_tokens_out": found.most.tokens_out,
        }
        return replace(dry, summary=dry.summary | asked)

    def _seconds_each(self) -> float:
        limit, each = self.settings.requests_per_minute, _ANSWER_S
        if self.settings.is_service:
            each = _SERVICE_S / batch_of(self.settings.backend)
        return max(each / self.settings.concurrency, 60 / limit if limit else 0.0)

    def run(self) -> dict[str, Any]:
        """Say what it may cost, and ask."""
        self.console.say(self.cost_line())
        return super().run()

    def after(self, facts: dict[str, Any]) -> list[str]:
        """What was asked, what it cost, how answers ended and why documents went."""
        answers = facts["answers"]
        money = f", ${facts['usd']:,.4f}" if facts["usd"] else ""
        out = "" if self.settings.is_service else f" in, {facts['tokens_out']:,} out"
        lines = [
            f"  {counted(answers['questions'], 'questions')}; spent: {counted(facts['tokens_in'], self.unit)}{out}{money}"
        ]
        if cut := answers["ends"].get("length", 0):
            field = self.workflow.output_field
            lines.append(f"  cut at the limit of tokens: {cut:,} ({field}_end is length)")
        return lines + [
            f"  {reason}: {count:,} removed" for reason, count in answers["reasons"].items()
        ]

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Tokens, money, ends and reasons."""
        spent = {name: facts[name] for name in ("answers_paid", "tokens_in", "tokens_out", "usd")}
        answers = facts["answers"]
        return {**spent, "ends": answers["ends"], "rules": answers["reasons"]}

    def tables(self) -> list[str]:
        """As of every job, and the answers."""
        return ["report.html", "data/", "removed/", "answers/", "run.json"]
