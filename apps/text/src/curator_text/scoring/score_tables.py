"""The rows of `scores/` and `removed/` of a run that filters: where a document lies, what became of it, its scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.items.where import clauses_of, kinds_of
from curator_text.filters.recipe import Recipe, Verdict
from curator_text.removal.document_tables import PLACE

WHERE_RULE = "where"
"""What a document fails that the recipe keeps and a condition does not."""
_WHERE_EXAMPLE = '--where "word_count > 100 and length < 100000"'
_compute: Any = pc
type Fields = Mapping[str, pa.DataType]
_NO_FIELDS: Fields = {}


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


def removed_schema(names: Sequence[str], fields: Fields = _NO_FIELDS) -> pa.Schema:
    """The columns of `removed/`, given those of the scores, and fields that a condition looks at."""
    scores = dict.fromkeys(names, pa.float64())
    return pa.schema({**PLACE, "rule": pa.string(), "reason": pa.string(), **scores, **fields})


def scores_schema(names: Sequence[str], fields: Fields = _NO_FIELDS) -> pa.Schema:
    """The columns of `scores/`, given those of the scores, and fields that a condition looks at."""
    removed = removed_schema(names, fields)
    return removed.insert(len(PLACE), pa.field("keep", pa.bool_()))


def where_fields(where: str | None, names: Sequence[str]) -> dict[str, pa.DataType]:
    """The fields of documents that a condition looks at beside the scores, and what they are compared as.

    Raises:
        SettingsError: Not a condition, or one that compares a field as two kinds.
    """
    if where is None:
        return {}
    kinds = kinds_of(where, example=_WHERE_EXAMPLE)
    return {name: kind for name, kind in kinds.items() if name not in PLACE and name not in names}


def check_where(where: str, names: Sequence[str], fields: Fields = _NO_FIELDS) -> None:
    """Make sure that a condition can be decided from the scores and fields.

    Raises:
        SettingsError: Not a condition, or one on a column that is not there.
    """
    if taken := [name for name in fields if name in ("keep", "rule", "reason", WHERE_RULE)]:
        raise SettingsError(f"--where: {taken[0]} is no field but a column of the result.")
    kinds = {**PLACE, **dict.fromkeys(names, pa.float64()), **fields}
    clauses_of(where, pa.schema(kinds).empty_table(), example=_WHERE_EXAMPLE)


def judged(
    table: pa.Table, recipe: Recipe, where: str | None, fields: Fields = _NO_FIELDS
) -> pa.Table:
    """The rows of `scores/`.

    Args:
        table: The documents with the columns of `PLACE`, the recipe's scores, and the fields.
        recipe: What decides.
        where: A condition on the same columns; what the recipe keeps goes if it does not hold.
        fields: Fields that the condition looks at.
    """
    names = score_names(recipe)
    scores = {name: table.column(name).to_numpy() for name in names}
    verdict = recipe.judge(scores)
    if where is not None:
        verdict = _with_condition(verdict, where, table.select([*PLACE, *names, *fields]))
    columns: dict[str, Any] = {name: table.column(name) for name in (*PLACE, *names, *fields)}
    columns |= {"keep": verdict.keep, "rule": verdict.rule, "reason": verdict.reason}
    schema = scores_schema(names, fields)
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
