"""Ask a model that runs in this process, by the journal and the budget of those that answer at an endpoint.

A question that has an answer in the journal is not asked again, so a killed run computes nothing twice. Answers are
made without chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from curator_engine.device import Device
from curator_engine.errors import ResourceError, SettingsError
from curator_engine.files.paths import is_remote
from curator_engine.models.answer_journal import AnswerJournal, Reply
from curator_engine.models.asker import Asking
from curator_engine.models.chat_asker import ChatQuestion
from curator_engine.models.questions import NOTHING, Answer, Question
from curator_engine.models.token_budget import TokenBudget, Usage

type Backend = Literal["transformers", "vllm"]
_BATCH = {"transformers": 8, "vllm": 1024}
"""Questions at a time; vLLM makes batches of its own of them."""


class Writer(Protocol):
    """A model that writes."""

    def answer(self, questions: list[Question]) -> list[Answer]:
        """An answer per question."""
        ...

    def count(self, text: str) -> int:
        """Tokens of a text."""
        ...


@dataclass(kw_only=True)
class LocalAsker:
    """Asks a model in this process.

    Example:
        >>> asker = open_local(Asking(url="", model="folder", journal="journal"))
        >>> asker.ask_all([ChatQuestion(prompt="What is a shingle?")])[0].text
    """

    writer: Writer
    """The model."""
    name: str
    """What answers are filed under."""
    journal: AnswerJournal
    """Answers that are there already; gets those that come."""
    budget: TokenBudget = field(default_factory=TokenBudget)
    """How many tokens may be written and read."""
    batch_size: int = 8
    """Questions at a time."""

    def ask_all(self, questions: Sequence[ChatQuestion]) -> list[Reply]:
        """A reply per question, in order; what was answered is on the disk when this returns.

        Raises:
            SpentBudgetError: The next answers could cost more than is left.
        """
        keys = [question.key(self.name) for question in questions]
        wanted = {
            key: each for key, each in zip(keys, questions, strict=True) if key not in self.journal
        }
        failed = dict[str, str]()
        left = sorted(wanted.items(), key=lambda each: (each[1].max_tokens, len(each[1].prompt)))
        try:
            for start in range(0, len(left), self.batch_size):
                failed |= self._ask(left[start : start + self.batch_size])
        finally:
            self.journal.flush()
        return [self.journal.find(key) or Reply(error=failed.get(key, "")) for key in keys]

    def _ask(self, asked: Sequence[tuple[str, ChatQuestion]]) -> dict[str, str]:
        """Keep the answers; what went wrong, by question."""
        most, spent, failed = sum((each.most for _, each in asked), Usage()), Usage(), {}
        self.budget.hold(most)
        try:
            answers = self.writer.answer([_question(each) for _, each in asked])
            for (key, question), answer in zip(asked, answers, strict=True):
                if answer.error and answer.error != NOTHING:
                    failed[key] = answer.error
                    continue
                reply = self._reply(question, answer.text)
                self.journal.add(key, reply)
                spent += reply.usage
        finally:
            self.budget.settle(most, spent)
        return failed

    def _reply(self, question: ChatQuestion, text: str) -> Reply:
        read = self.writer.count(question.system + question.prompt)
        written = self.writer.count(text)
        end = "length" if written >= question.max_tokens else "stop"
        return Reply(text=text, end=end, usage=Usage(tokens_in=read, tokens_out=written))


def _question(asked: ChatQuestion) -> Question:
    return Question(prompt=asked.prompt, system=asked.system, max_tokens=asked.max_tokens)


def open_local(
    asking: Asking, *, backend: Backend = "transformers", device: Device = "auto"
) -> LocalAsker:
    """What asks a model in this process, with the answers that are there already.

    Args:
        asking: The model's folder or hub id, the journal, and the budget.
        backend: What runs the model.
        device: Where transformers computes.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: What it needs is not installed, or there is no GPU.
        SettingsError: The journal would not be on this machine.
    """
    if is_remote(asking.journal):
        raise SettingsError(
            f"the journal {asking.journal} is not on this machine; give a local folder with --journal."
        )
    writer = open_writer(asking.model, backend, device)
    journal = AnswerJournal(asking.journal)
    budget = TokenBudget(tokens=asking.budget_tokens, usd=asking.budget_usd, prices=asking.prices)
    budget.add(journal.spent)
    return LocalAsker(
        writer=writer,
        name=asking.model,
        journal=journal,
        budget=budget,
        batch_size=_BATCH[backend],
    )


def open_writer(model: str, backend: Backend, device: Device = "auto") -> Writer:
    """A model that writes.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: What it needs is not installed, or there is no GPU.
    """
    if backend == "vllm":
        from curator_engine.models.vllm_model import VllmModel

        return VllmModel(model, sees=False)
    try:
        from curator_engine.models.text_language import TextLanguageModel
    except ImportError as error:
        raise ResourceError(
            f"the model {model!r} needs torch and transformers; install the extra 'models'."
        ) from error
    return TextLanguageModel(model, device=device)
