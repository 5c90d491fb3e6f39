"""Conditions on items, such as `motion_global_mean > 0.001 and sharpness > 0.2`.

The text is parsed by Python's own parser and walked with a short list of allowed parts; nothing of
it is ever run as Python. A comparison with a value that an item does not have is false, `!=` and
`not in` too; `is None` and `is not None` ask for it.
"""

import ast
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import SettingsError

_MAX_LENGTH = 2_000
_MAX_PARTS = 400
_EXAMPLE = "--where \"column > 0.2 and other == 'word'\", with names of columns"
_SHORT = {"motion": "motion_global_mean"}
"""Names that people write for columns."""
_compute: Any = pc
_scalar: Any = pa.scalar

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
}
_ARITHMETIC: Mapping[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
}
_PARTS = (
    *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare),
    *(ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.BinOp, ast.Name, ast.Load, ast.Constant),
    *(ast.Tuple, ast.List, *_COMPARISONS, *_ARITHMETIC),
)


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One of the conditions that `and` joins, or the only one."""

    text: str
    names: tuple[str, ...]
    """The columns that it looks at."""
    holds: NDArray[np.bool_]
    """Shape (rows,)."""


def clauses_of(text: str, table: pa.Table, *, example: str = _EXAMPLE) -> list[Clause]:
    """The clauses of a condition, each decided for every row; a row is kept if all of them hold.

    Args:
        text: The condition. Columns are those of the table, and `duration` in seconds where it has
            `start` and `end`.
        table: The items.
        example: What the user is shown who wrote something else.

    Raises:
        SettingsError: Not a condition, or one on a column that is not there.
    """
    tree = _parse(text, example)
    columns = {name: table.column(name) for name in table.column_names}
    if {"start", "end"} <= columns.keys():
        columns.setdefault("duration", _compute.subtract(columns["end"], columns["start"]))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in columns:
            if _SHORT.get(node.id) not in columns:
                raise SettingsError(_unknown(node.id, list(columns)))
            node.id = _SHORT[node.id]
    return [
        Clause(
            text=ast.unparse(part),
            names=tuple(dict.fromkeys(_names(part))),
            holds=_decide(part, columns, table.num_rows),
        )
        for part in _joined_by_and(tree)
    ]


def kinds_of(text: str, *, example: str = _EXAMPLE) -> dict[str, pa.DataType]:
    """What each column of a condition has to be, by what it is compared with: text, number or bool.

    A column that is compared with nothing of the kind is text.

    Raises:
        SettingsError: Not a condition, or a column is compared with texts and with numbers.
    """
    tree = _parse(text, example)
    found: dict[str, pa.DataType] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare | ast.BinOp):
            continue
        kind = pa.float64() if isinstance(node, ast.BinOp) else _kind_of_constants(node)
        if kind is None:
            continue
        for name in _names(node):
            if found.setdefault(name, kind) != kind:
                raise SettingsError(
                    f"--where: {name} is compared with values of two kinds in {text!r}; texts stand in quotes, "
                    "numbers do not."
                )
    return {name: found.get(name, pa.string()) for name in dict.fromkeys(_names(tree))}


def _kind_of_constants(node: ast.AST) -> pa.DataType | None:
    values = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    for kind, named in ((bool, pa.bool_()), (str, pa.string()), ((int, float), pa.float64())):
        if any(isinstance(value, kind) for value in values):
            return named
    return None


def _joined_by_and(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        return tree.values
    return [tree]


def _parse(text: str, example: str) -> ast.expr:
    if len(text) > _MAX_LENGTH:
        raise SettingsError(f"--where has {len(text):,} characters; at most {_MAX_LENGTH:,}.")
    try:
        # A condition may go over lines, as in a YAML file; spaces inside of texts stay as they are.
        tree = ast.parse(" ".join(line.strip() for line in text.splitlines()), mode="eval").body
        parts = list(ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SettingsError(
            f"--where {text!r} cannot be read as a condition; write it as {example}."
        ) from error
    wrong = next((part for part in parts if not isinstance(part, _PARTS)), None)
    if wrong is not None or len(parts) > _MAX_PARTS:
        what = f"{type(wrong).__name__} is not allowed" if wrong else "it has too many parts"
        raise SettingsError(
            f"--where {text!r}: {what}; use names, numbers, texts, + - * /, comparisons, in, and, or, not."
        )
    return tree


def _names(node: ast.AST) -> Iterator[str]:
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _unknown(name: str, known: Sequence[str]) -> str:
    near = [each for each in known if name.lower() in each.lower()]
    near = near or difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
    return f"--where: no column {name!r}; {hint}"


def _decide(node: ast.expr, columns: Mapping[str, Any], rows: int) -> NDArray[np.bool_]:
    """Whether the condition holds, shape (rows,)."""
    try:
        value = _value(node, columns)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, TypeError, OverflowError) as error:
        raise SettingsError(
            f"--where: {ast.unparse(node)} compares what cannot be compared; "
            "numbers with numbers, texts with texts."
        ) from error
    if isinstance(value, bool):
        return np.full(rows, value)
    if not hasattr(value, "type") or not pa.types.is_boolean(value.type):
        raise SettingsError(
            f"--where: {ast.unparse(node)} is a value, not a condition; compare it with something."
        )
    if isinstance(value, pa.Scalar):
        return np.full(rows, bool(value.as_py()))
    filled: Any = _compute.fill_null(value, False)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=bool)


def _value(node: ast.expr, columns: Mapping[str, Any]) -> Any:
    """What a part stands for: a column, a scalar, or a Python value."""
    match node:
        case ast.Name():
            return columns[node.id]
        case ast.Constant():
            return _constant(node)
        case ast.BoolOp():
            joined = _compute.and_ if isinstance(node.op, ast.And) else _compute.or_
            return _fold(joined, [_truth(part, columns) for part in node.values])
        case ast.UnaryOp():
            if isinstance(node.op, ast.Not):
                return _compute.invert(_truth(node.operand, columns))
            return _compute.negate(_number(_value(node.operand, columns)))
        case ast.BinOp():
            left, right = (_number(_value(part, columns)) for part in (node.left, node.right))
            return getattr(_compute, _ARITHMETIC[type(node.op)])(left, right)
        case ast.Compare():
            return _compare(node, columns)
        case _:
            raise SettingsError(f"--where: {ast.unparse(node)} is only of use behind `in`.")


def _constant(node: ast.Constant) -> Any:
    if node.value is None or isinstance(node.value, bool | int | float | str):
        return _scalar(node.value)
    raise SettingsError(f"--where: {ast.unparse(node)} is neither a number nor a text.")


def _truth(node: ast.expr, columns: Mapping[str, Any]) -> Any:
    """The condition with absent values taken for false."""
    value = _value(node, columns)
    if not pa.types.is_boolean(value.type):
        raise TypeError(ast.unparse(node))
    return _compute.fill_null(value, False)


def _number(value: Any) -> Any:
    """The value as a fraction, so that 1 / 2 is a half and dividing by 0 is no error."""
    return _compute.cast(value, pa.float64())


def _fold(joined: Callable[[Any, Any], Any], values: list[Any]) -> Any:
    first, *rest = values
    for each in rest:
        first = joined(first, each)
    return first


def _compare(node: ast.Compare, columns: Mapping[str, Any]) -> Any:
    """A comparison, also a chained one such as `0.1 < sharpness < 0.9`."""
    found: list[Any] = []
    left = node.left
    for kind, right in zip(node.ops, node.comparators, strict=True):
        found.append(_one_comparison(_value(left, columns), kind, right, columns))
        left = right
    return _fold(_compute.and_, [_compute.fill_null(each, False) for each in found])


def _one_comparison(left: Any, kind: ast.cmpop, node: ast.expr, columns: Mapping[str, Any]) -> Any:
    if isinstance(kind, ast.In | ast.NotIn):
        if not isinstance(node, ast.Tuple | ast.List):
            raise SettingsError(
                f"--where: `in` needs a list such as ('a', 'b'), not {ast.unparse(node)}."
            )
        values = pa.array([_value(each, columns).as_py() for each in node.elts])
        # A null in the list would be met by the values that an item does not have.
        found = _compute.is_in(left, value_set=values.drop_null().cast(left.type))
        if isinstance(kind, ast.In):
            return found
        return _compute.and_(_compute.invert(found), _compute.is_valid(left))
    right = _value(node, columns)
    if isinstance(kind, ast.Is | ast.IsNot):
        if not isinstance(right, pa.NullScalar):
            raise SettingsError("--where: `is` needs None; compare values with ==.")
        return (_compute.is_null if isinstance(kind, ast.Is) else _compute.is_valid)(left)
    return getattr(_compute, _COMPARISONS[type(kind)])(left, right)
