"""Generation: ask a model about each document, decide, write.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run on any
executor and resumes where it was stopped. Only the first step reads texts, and only it asks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.models.answer_journal import AnswerJournal
from curator_engine.models.asker import Asking
from curator_engine.models.endpoint import Endpoint, base_url
from curator_engine.models.local_asker import Backend
from curator_engine.models.model_names import check_model_name
from curator_engine.pipeline import Executor
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.endpoint_settings import HOW_IT_ASKS
from curator_text.generate_settings import GenerateSettings
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.removal.corpus import Corpus
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.removal.sources import source_tasks
from curator_text.report.generate_page import build_page
from curator_text.synthetic.ask_documents import AskDocuments, answer_fields
from curator_text.synthetic.decide_answers import DecideAnswers, added_up, check_where
from curator_text.synthetic.prompt_recipe import PromptRecipe, load_prompt_recipe
from curator_text.synthetic.service_asker import batch_of, connected, recipe_for_service


@dataclass(kw_only=True)
class GenerateWorkflow(RemovalWorkflow[GenerateSettings]):
    """Ask a model about each document, and give each row the answer.

    Documents that are too short to ask about, or whose answer is of no use, go with a reason; those that got no answer
    are in quarantine.

    Example:
        >>> settings = GenerateSettings(
        ...     inputs=["corpus"], output="out", endpoint="http://localhost:8000/v1", model="small"
        ... )
        >>> GenerateWorkflow(settings=settings).run()
    """

    job, title = "generate", "generation"
    draw = staticmethod(build_page)
    unrecorded = frozenset({*HOW_IT_ASKS, "usd_out", "device"})

    @cached_property
    def recipe(self) -> PromptRecipe:
        """What is asked."""
        found = load_prompt_recipe(self.settings.recipe, self.settings.set)
        return recipe_for_service(found) if self.settings.is_service else found

    @property
    def output_field(self) -> str:
        """The field for the answers."""
        return self.settings.output_field or self.recipe.output_field

    @cached_property
    def model(self) -> str:
        """The name of the model at the endpoint, which is asked for it if none is given."""
        settings = self.settings
        if settings.is_service:
            return settings.backend
        if settings.model or not settings.endpoint:
            return settings.model or ""
        return Endpoint(url=settings.endpoint, api_key_env=settings.api_key_env, retries=0).model

    def check(self) -> None:
        """Look at the recipe and the address."""
        super().check()
        self.settings.check()
        _ = self.recipe
        check_where(self.settings.where)
        if self.settings.endpoint is not None:
            base_url(self.settings.endpoint)
        if self.settings.endpoint is not None or self.settings.is_service:
            return
        check_model_name(self.settings.model or "")
        if self.recipe.temperature:
            raise SettingsError(
                "a model in this process answers without chance; give --set temperature=0, or ask an --endpoint."
            )

    def look(self, executor: Executor) -> None:
        """Look for the text field, for the model if none is named, and for the keys of a service."""
        super().look(executor)
        _ = self.model
        if self.settings.is_service:
            connected(self.asking).close()

    def recorded(self) -> dict[str, Any]:
        """With a mark of the recipe, whose file may change."""
        return {**super().recorded(), "recipe_key": self._recipe_key}

    def about(self) -> dict[str, Any]:
        """The recipe, as far as it is asked with."""
        return {"recipe": vars(self.recipe)}

    @property
    def _recipe_key(self) -> str:
        return short_hash(repr(self.recipe), self.output_field)

    @property
    def journal(self) -> str:
        """The folder with the answers that were paid for."""
        return self.settings.journal or join(self.cache, "journal")

    @property
    def asking(self) -> Asking:
        """Whom to ask, and within which limits."""
        settings = self.settings
        return Asking(
            url=settings.endpoint or "",
            model=self.model,
            journal=self.journal,
            batch_size=batch_of(settings.backend),
            **settings.limits,
            usd_out=settings.usd_out,
        )

    def ask_stage(self, path: str = "") -> AskDocuments:
        """The stage that asks, and writes into a folder."""
        return AskDocuments(
            path=path,
            **self.reads_texts,
            recipe=self.recipe,
            asking=self.asking,
            backend=self._backend,
            service=self.settings.is_service,
            device=self.settings.device,
            output_field=self.output_field,
        )

    @property
    def _backend(self) -> Backend | None:
        """What runs a model in this process."""
        settings = self.settings
        if settings.endpoint is not None or settings.is_service:
            return None
        return "vllm" if settings.backend == "vllm" else "transformers"

    def documents(
        self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]
    ) -> Corpus:
        """Ask about them."""
        try:
            return self.read(steps, "ask", self.ask_stage(join(self.cache, "ask")), tasks)
        finally:
            facts |= self._spent()

    def _spent(self) -> dict[str, Any]:
        """What the journal says has been paid."""
        with AnswerJournal(self.journal) as journal:
            spent = journal.spent
            return {
                "answers_paid": len(journal),
                "tokens_in": spent.tokens_in,
                "tokens_out": spent.tokens_out,
                "usd": round(self.asking.prices.usd(spent), 6),
            }

    def decide(self, steps: Steps, corpus: Corpus, facts: dict[str, Any]) -> list[FileGroupTask]:
        """Decide from the answers."""
        stage = DecideAnswers(
            cache=self.cache,
            corpus_key=short_hash(corpus.key, self._answers_key),
            output=self.settings.output,
            where=self.settings.where,
        )
        found = steps.run("decide", stage, source_tasks(corpus))
        facts["answers"] = added_up(found)
        return found

    @property
    def _answers_key(self) -> str:
        settings = self.settings
        fields = (settings.text_field, settings.id_field, self.model)
        return repr((self._recipe_key, fields))

    @property
    def adds(self) -> Sequence[str]:
        """The fields of answers."""
        return list(answer_fields(self.output_field, self.recipe))

    def writer(self) -> tuple[Callable[..., RemoveDocuments], str]:
        """With the fields of answers."""
        added = answer_fields(self.output_field, self.recipe)
        return partial(RewriteDocuments, added=added), self._answers_key
