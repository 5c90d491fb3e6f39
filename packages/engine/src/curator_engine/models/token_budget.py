"""What questions to a model may cost, in tokens and in money, and what they have cost.

Before a question is sent, the most that it can cost is held back; when its answer is there, what it did cost is
spent instead. So what is spent never passes the budget, however many questions are under way.
"""

import threading
from dataclasses import dataclass

from curator_engine.errors import StorageError

_PER = 1_000_000


class SpentBudgetError(StorageError):
    """The next question could cost more than is left: it ends a run under every policy, like a full disk."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens of questions and of their answers.

    Example:
        >>> Usage(tokens_in=100, tokens_out=20) + Usage(tokens_in=1, tokens_out=2)
        Usage(tokens_in=101, tokens_out=22)
    """

    tokens_in: int = 0
    """Of the questions."""
    tokens_out: int = 0
    """Of the answers."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
        )

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a million tokens cost, in US dollars."""

    usd_in: float = 0.0
    """Of questions."""
    usd_out: float = 0.0
    """Of answers."""

    def usd(self, usage: Usage) -> float:
        """What some tokens cost."""
        return (usage.tokens_in * self.usd_in + usage.tokens_out * self.usd_out) / _PER


class TokenBudget:
    """Keeps what is spent within a budget; for use by several threads.

    Args:
        tokens: At most, of questions and answers together; None for any number.
        usd: US dollars at most; None for any sum.
        prices: What tokens cost.

    Example:
        >>> budget = TokenBudget(tokens=1000)
        >>> most = Usage(tokens_in=50, tokens_out=200)
        >>> budget.hold(most)
        >>> budget.settle(most, Usage(tokens_in=40, tokens_out=90))
        >>> budget.spent.tokens
        130
    """

    def __init__(
        self, *, tokens: int | None = None, usd: float | None = None, prices: Prices | None = None
    ) -> None:
        self.prices = prices or Prices()
        self._tokens, self._usd = tokens, usd
        self._held = self.spent = Usage()
        self._changed = threading.Condition()

    def add(self, usage: Usage) -> None:
        """Count what was spent before."""
        with self._changed:
            self.spent += usage

    def hold(self, most: Usage) -> None:
        """Hold back the most that a question can cost; waits for others if it does not fit beside them.

        Raises:
            SpentBudgetError: It does not fit beside what is spent.
        """
        with self._changed:
            while not self._fits(self.spent + self._held + most):
                if not self._held.tokens:
                    raise SpentBudgetError(
                        f"the budget does not cover the next question: {self.told()}; its {most.tokens_in:,} "
                        f"tokens and an answer of up to {most.tokens_out:,} may not fit. Give a larger budget "
                        "and run again with --resume; what is answered is not paid for again."
                    )
                self._changed.wait()
            self._held += most

    def settle(self, most: Usage, spent: Usage) -> None:
        """Put what a question did cost in the place of what was held back for it."""
        with self._changed:
            self._held += Usage(tokens_in=-most.tokens_in, tokens_out=-most.tokens_out)
            self.spent += spent
            self._changed.notify_all()

    def told(self) -> str:
        """What is spent, and of how much, as part of a sentence."""
        of = "" if self._tokens is None else f" of {self._tokens:,}"
        line = f"{self.spent.tokens:,}{of} tokens are spent"
        if self._usd is None:
            return line
        return f"{line}, ${self.prices.usd(self.spent):,.4f} of ${self._usd:,.2f}"

    def _fits(self, usage: Usage) -> bool:
        over = self._usd is not None and self.prices.usd(usage) > self._usd
        return not over and (self._tokens is None or usage.tokens <= self._tokens)
