"""Embedding: make a vector of each document, list them, write the rows with them if that is asked for.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run on any
executor and resumes where it was stopped. Only the first step reads texts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from curator_engine.files.paths import join
from curator_engine.models.answer_journal import AnswerJournal
from curator_engine.models.asker import Asking
from curator_engine.models.endpoint import base_url
from curator_engine.pipeline import Executor
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.embed_settings import EmbedSettings
from curator_text.endpoint_settings import HOW_IT_ASKS
from curator_text.models.sentence_encoders import check_text_model
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.report.embed_page import build_page
from curator_text.semantic import FINGERPRINT
from curator_text.semantic.embed_texts import EmbedTexts, numbers_type
from curator_text.semantic.embedding_tables import ListEmbeddings, embeddings_schema
from curator_text.semantic.encoders import Encoding


@dataclass(kw_only=True)
class EmbedWorkflow(RemovalWorkflow[EmbedSettings]):
    """Make a vector of each document.

    `embeddings/` has them beside the documents' ids, for `semantic --embedding-field` and for `search`. What gets no
    vector is in quarantine.

    Example:
        >>> settings = EmbedSettings(inputs=["corpus"], output="vectors", model="all-MiniLM-L6-v2/")
        >>> EmbedWorkflow(settings=settings).run()
    """

    job, title = "embed", "embedding"
    unrecorded = frozenset({*HOW_IT_ASKS, "device", "batch_size"})
    draw = staticmethod(build_page)
    _dims: int = field(default=0, init=False, repr=False)
    """Numbers of a vector, once it is known."""

    @cached_property
    def encoding(self) -> Encoding:
        """How a text becomes a vector; an endpoint is asked for the name of its model if none is given."""
        settings = self.settings
        common: dict[str, Any] = {"max_chars": settings.max_chars}
        if settings.endpoint is None:
            return Encoding(
                model=settings.model or FINGERPRINT,
                backend=settings.backend,
                pooling=settings.pooling,
                batch_size=settings.batch_size,
                device=settings.device,
                **common,
            )
        asking = Asking(
            url=settings.endpoint,
            model=settings.model or "",
            journal=self.journal,
            batch_size=settings.batch_size,
            **settings.limits,
        )
        model = settings.model or asking.endpoint().model
        return Encoding(model=model, asking=asking.with_model(model), **common)

    @property
    def journal(self) -> str:
        """The folder with the vectors that were paid for."""
        return self.settings.journal or join(self.cache, "journal")

    def check(self) -> None:
        """Look at the model's name or the address, and at the field."""
        super().check()
        settings = self.settings
        settings.check()
        if settings.endpoint is not None:
            base_url(settings.endpoint)
        elif settings.model not in (None, FINGERPRINT):
            check_text_model(settings.model, backend=settings.backend, pooling=settings.pooling)
        embeddings_schema(settings.embedding_field, settings.vector_type, 0, {})

    def look(self, executor: Executor) -> None:
        """Look for the text field, and for the model if none is named."""
        super().look(executor)
        _ = self.encoding

    def recorded(self) -> dict[str, Any]:
        """With a mark of the model, whose files may change."""
        is_here = self.settings.endpoint is None and self.settings.inputs
        return {**super().recorded(), "model_key": self.encoding.key if is_here else ""}

    def embed_stage(self, path: str = "") -> EmbedTexts:
        """The stage that embeds, and writes into a folder."""
        settings = self.settings
        return EmbedTexts(
            path=path,
            **self.reads_texts,
            encoding=self.encoding,
            encoding_key=self.encoding.key,
            embedding_field=settings.embedding_field,
            vector_type=settings.vector_type,
            with_changes=settings.keep_text,
        )

    def list_stage(self, corpus_key: str = "", dims: int = 0) -> ListEmbeddings:
        """The stage that writes `embeddings/`."""
        settings = self.settings
        return ListEmbeddings(
            cache=self.cache,
            corpus_key=corpus_key,
            output=settings.output,
            embedding_field=settings.embedding_field,
            vector_type=settings.vector_type,
            dims=dims,
            facts=self.encoding.facts,
        )

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Embed them."""
        try:
            stage = self.embed_stage(join(self.cache, "embed"))
            corpus, found = self.read_tasks(steps, "embed", stage, tasks)
        finally:
            facts |= self._spent()
        facts |= {
            "model": self.encoding.model,
            "dims": max((int(task._metadata["dims"]) for task in found), default=0),
            "truncated": sum(int(task._metadata["cut"]) for task in found),
        }
        self._dims = facts["dims"]
        return corpus

    def _spent(self) -> dict[str, Any]:
        """What the journal says has been paid."""
        asking = self.encoding.asking
        if asking is None:
            return {}
        with AnswerJournal(self.journal) as journal:
            spent = journal.spent
            paid = {"tokens_in": spent.tokens_in, "usd": round(asking.prices.usd(spent), 6)}
            return {"answers_paid": len(journal), **paid}

    @property
    def _key(self) -> str:
        settings = self.settings
        fields = (settings.text_field, settings.id_field, settings.embedding_field)
        return repr((self.encoding.key, fields, settings.vector_type))

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """List the vectors; no document goes."""
        stage = self.list_stage(short_hash(corpus.key, self._key), facts["dims"])
        return steps.run("list_embeddings", stage, source_tasks(corpus))

    @property
    def adds(self) -> Sequence[str]:
        """The vectors."""
        return [self.settings.embedding_field]

    def writer(self) -> tuple[Callable[..., RemoveDocuments], str]:
        """With the vectors."""
        settings = self.settings
        kind = numbers_type(settings.vector_type, self._dims)
        return partial(RewriteDocuments, added={settings.embedding_field: kind}), self._key
