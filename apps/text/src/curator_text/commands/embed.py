"""The command `curator-text embed`: from settings to a run, and what is said about it."""

import time
from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.models.hub_models import look_for_model
from curator_engine.models.token_budget import Prices, Usage
from curator_engine.stage import AnyStage
from curator_engine.task import ArrowArray
from curator_text.commands.removal_job import RemovalJob
from curator_text.embed_settings import EmbedSettings
from curator_text.pipelines.embed import EmbedWorkflow
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.semantic import FINGERPRINT

WORDING = "fingerprints see wording, not meaning; give --model or --endpoint for meaning"
_TRIED = 20
"""Texts that are embedded for the estimate."""
_ANSWER_S, _TOKEN_BYTES = 1.0, 4
"""Seconds of a request to an endpoint of which nothing is known; bytes of a token, about."""


@dataclass(kw_only=True)
class Embed(RemovalJob[EmbedSettings, EmbedWorkflow]):
    """A vector of each document."""

    of = EmbedWorkflow

    def check(self) -> None:
        """As the workflow, and look for the model."""
        super().check()
        settings = self.settings
        if settings.endpoint is None and settings.model not in (None, FINGERPRINT):
            look_for_model(settings.model)

    def dry_run(self) -> DryRun:
        """A model is tried on a few texts; an endpoint is not asked for vectors."""
        settings = self.settings
        texts: list[ArrowArray] = []
        size = 0

        def look(found: ArrowArray) -> None:
            nonlocal size
            size += found.nbytes
            texts.append(found.slice(0, _TRIED))

        extent = self.tried(look)
        common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
        steps: dict[str, tuple[list[AnyStage], int | None]] = {
            "embed": ([self.workflow.source(), self.workflow.embed_stage()], None),
            "list_embeddings": ([self.workflow.list_stage()], self.blocks),
        }
        if settings.keep_text:
            steps["remove"] = ([RewriteDocuments(**common)], len(self.files))
        lines, each_s, dims = self._tried(texts, extent.documents, extent.input_bytes)
        shares = 1 if self.workflow.encoding.is_heavy else self.processes
        each_bytes = dims * (2 if settings.vector_type == "float16" else 4)
        return self.planned(
            steps,
            extent,
            lines=lines,
            seconds=each_s * extent.documents / shares,
            disk_bytes=(3 if settings.keep_text else 2) * extent.documents * (each_bytes + 100),
        )

    def _tried(
        self, texts: list[ArrowArray], documents: int, size: int
    ) -> tuple[list[str], float, int]:
        """What is said of the model, seconds per text, and numbers per vector."""
        settings, encoding = self.settings, self.workflow.encoding
        some = [each for each in texts if len(each)]
        if encoding.asking is not None:
            tokens = size // _TOKEN_BYTES
            prices = Prices(usd_in=settings.usd_in)
            money = f", ${prices.usd(Usage(tokens_in=tokens)):,.2f}" if settings.usd_in else ""
            requests = -(-documents // settings.batch_size)
            said = f"embeddings: {encoding.model}, about {counted(requests, 'requests')} of {counted(tokens, 'tokens')}{money}"
            return [said], _ANSWER_S / settings.batch_size / settings.concurrency, 0
        encoder = encoding.open()
        for each in some[:1]:
            encoder.encode(each.slice(0, 1))
        start, dims = time.perf_counter(), 0
        for each in some:
            dims = encoder.encode(each).matrix.shape[1]
        seconds = time.perf_counter() - start
        encoder.close()
        said = f"embeddings: {encoding.model}, {dims} numbers per document"
        lines = [said, WORDING] if encoding.is_fingerprint else [said]
        return lines, seconds / max(1, sum(map(len, some))), dims

    def run(self) -> dict[str, Any]:
        """Run the workflow."""
        if self.settings.is_fingerprint:
            self.console.say(WORDING)
        return super().run()

    def after(self, facts: dict[str, Any]) -> list[str]:
        """What the vectors are, and what they cost."""
        lines = [f"  embeddings: {facts['model']}, {facts['dims']} numbers per document"]
        if facts["truncated"]:
            lines.append(f"  {facts['truncated']:,} texts were longer than the model sees")
        if "tokens_in" in facts:
            money = f", ${facts['usd']:,.4f}" if facts["usd"] else ""
            lines.append(f"  spent: {counted(facts['tokens_in'], 'tokens')}{money}")
        return lines

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The model, the size of its vectors, and what they cost."""
        names = ("model", "dims", "truncated", "answers_paid", "tokens_in", "usd")
        return {name: facts[name] for name in names if name in facts}

    def tables(self) -> list[str]:
        """The vectors, and the rows with them."""
        data = ["data/"] if self.settings.keep_text else []
        return ["report.html", "embeddings/", *data, "run.json"]
