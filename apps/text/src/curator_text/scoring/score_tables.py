"""The rows of `scores/` and `removed/` of a run that filters: where a document lies, what became of it, its scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.items.where import clauses_of
from curator_text.filters.recipe import Recipe, Verdict
from curator_text.removal.document_tables import PLACE

WHERE_RULE = "where"
"""What a document fails that the recipe keeps and a condition does not."""
_WHERE_EXAMPLE = '--where "word_count > 100 and length < 100000"'
_compute: Any = pc


def score_names(recipe: Recipe) -> list[str]:
    """The columns of the recipe's scores, in the order of its filters.

    Raises:
        SettingsError: Two filters have the same name, or one that another column has.
    """
    names = [each.name for each in recipe.filters]
    taken = [*PLACE, "keep", "rule", "reason", WHERE_RULE]
    for i, name in enumerate(names):
        if name in taken or name in names[:i]:
            raise SettingsError(
                f"recipe {recipe.name}: a score called {name!r} is there already; name the filter otherwise."
            )
    return names


def removed_schema(names: Sequence[str]) -> pa.Schema:
    """The columns of `removed/`, given those of the scores."""
    scores = dict.fromkeys(names, pa.float64())
    return pa.schema({**PLACE, "rule": pa.string(), "reason": pa.string(), **scores})


def scores_schema(names: Sequence[str]) -> pa.Schema:
    """The columns of `scores/`, given those of the scores."""
    removed = removed_schema(names)
    return removed.insert(len(PLACE), pa.field("keep", pa.bool_()))


def check_where(where: str, names: Sequence[str]) -> None:
    """Make sure that a condition can be decided from the scores.

    Raises:
        SettingsError: Not a condition, or one on a column that is not there.
    """
    kinds = {**PLACE, **dict.fromkeys(names, pa.float64())}
    clauses_of(where, pa.schema(kinds).empty_table(), example=_WHERE_EXAMPLE)


def judged(table: pa.Table, recipe: Recipe, where: str | None) -> pa.Table:
    """The rows of `scores/`.

    Args:
        table: The documents with the columns of `PLACE` and the recipe's scores.
        recipe: What decides.
        where: A condition on the same columns; what the recipe keeps goes if it does not hold.
    """
    names = score_names(recipe)
    scores = {name: table.column(name).to_numpy() for name in names}
    verdict = recipe.judge(scores)
    if where is not None:
        verdict = _with_condition(verdict, where, table.select([*PLACE, *names]))
    columns: dict[str, Any] = {name: table.column(name) for name in (*PLACE, *names)}
    columns |= {"keep": verdict.keep, "rule": verdict.rule, "reason": verdict.reason}
    schema = scores_schema(names)
    return pa.table({name: columns[name] for name in schema.names}, schema)


def _with_condition(verdict: Verdict, where: str, table: pa.Table) -> Verdict:
    """The verdict with the documents dropped that the recipe keeps and the condition does not."""
    keep, rule, reason = verdict.keep, verdict.rule, verdict.reason
    for clause in clauses_of(where, table, example=_WHERE_EXAMPLE):
        fails: NDArray[np.bool_] = keep & ~clause.holds
        mask = pa.array(fails)
        rule = _compute.if_else(mask, WHERE_RULE, rule)
        reason = _compute.if_else(mask, f"not {clause.text}", reason)
        keep = keep & clause.holds
    return Verdict(keep=keep, rule=rule, reason=reason)
