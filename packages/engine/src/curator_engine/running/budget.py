"""How much of its input a run may lose before it has failed; `failures.py` has the limits."""

from dataclasses import dataclass

from curator_engine.errors import BudgetExceededError
from curator_engine.failures import FailurePolicy
from curator_engine.running.run_report import RunReport

_RATIO_NEEDS_SOURCES = 20
"""Source tasks that must be finished before a ratio can stop a run early."""


@dataclass(kw_only=True)
class Budget:
    """The limits of one run, and its rows."""

    policy: FailurePolicy
    report: RunReport
    rows: int = 0
    """Rows that were read, and those that could not be, as far as stages count them."""
    counts_rows: bool = False
    """Whether a stage counts them."""
    first_rejection: str = ""
    """What was rejected first, and why."""

    def check(self, *, failed_sources: int, final: bool = False) -> None:
        """Stop the run if more is lost than it may lose.

        Args:
            failed_sources: Source tasks with a failed descendant.
            final: All is done, so that ratios tell.

        Raises:
            BudgetExceededError: More has failed or was rejected than the policy allows.
        """
        policy, report = self.policy, self.report
        if policy.max_failures is not None and report.failed > policy.max_failures:
            raise BudgetExceededError(
                f"{report.failed} tasks failed, more than max_failures={policy.max_failures} allow; "
                f"{self._first_failure()}"
            )
        if not final and report.sources_done < _RATIO_NEEDS_SOURCES:
            return
        total, most = report.sources, policy.max_failure_ratio
        if most is not None and total and failed_sources and failed_sources / total > most:
            raise BudgetExceededError(
                f"{failed_sources} of {total} source tasks failed, more than "
                f"max_failure_ratio={most} allows; {self._first_failure()}"
            )
        most, lost = policy.max_rejected_ratio, report.rejected
        # Before the end, the loss is compared with all rows that are expected: bad files may come
        # first.
        rows = self.rows if final else self.rows * total / report.sources_done
        if most is not None and self.counts_rows and lost and lost / rows > most:
            raise BudgetExceededError(
                f"{lost:,} of {self.rows:,} rows cannot be read, more than max_rejected_ratio={most:g} "
                f"allows; the first: {self.first_rejection}"
            )

    def _first_failure(self) -> str:
        first = self.report.failures[0]
        return f"the first: {first.stage} on {first.task_id}: {first.error}"
