"""What the documents show without code that runs: signatures and options are compared with ours."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curator_engine.executor import BaseExecutor
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.ray_data import RayDataExecutor
from curator_engine.executors.xenna import XennaExecutor

HERE = Path(__file__).parent
OURS: dict[str, type[BaseExecutor]] = {
    "BaseExecutor": BaseExecutor,
    "XennaExecutor": XennaExecutor,
    "RayDataExecutor": RayDataExecutor,
    "RayActorPoolExecutor": RayActorPoolExecutor,
}
SUBJECTS = {"002": "XennaExecutor"}
"""Whose methods a page shows outside a class."""
VALUES = {"str": "batch", "int": 3, "bool": True, "float": 0.5, "dict": {"env_vars": {"A": "1"}}}
"""A value of each type that every option of the type takes."""

type Shown = tuple[str, str, ast.FunctionDef]
"""Block, class and a method of it whose body is left out."""


def shown_methods() -> Iterator[Shown]:
    """The methods that the blocks show without a body."""
    for page in ("seed_blocks.md", "seed_signatures.md"):
        text = (HERE / page).read_text(encoding="utf-8")
        for name, source in re.findall(r"^## (\S+)\n.*?```python\n(.*?)```", text, re.M | re.S):
            for node in ast.parse(textwrap.dedent(source)).body:
                if isinstance(node, ast.ClassDef):
                    methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
                    # A class of which a part is code is run, as a whole, by test_seed_blocks.py.
                    shows = any(has_no_body(method) for method in methods)
                    yield from ((name, node.name, method) for method in methods if shows)
                elif isinstance(node, ast.FunctionDef) and has_no_body(node):
                    yield name, SUBJECTS[name[:3]], node


def has_no_body(function: ast.FunctionDef) -> bool:
    """Whether there is only a docstring or `...`."""
    return all(
        isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        for each in function.body
    )


def bare(signature: inspect.Signature) -> str:
    """Names, order and defaults: types are called differently, and what follows a star is ours."""
    kept = [p for p in signature.parameters.values() if p.kind != p.KEYWORD_ONLY]
    return str(inspect.Signature([p.replace(annotation=inspect.Parameter.empty) for p in kept]))


def signature_of(function: ast.FunctionDef) -> inspect.Signature:
    """The signature of a function of which there is only the source."""
    for argument in function.args.args:
        # The names of types are not bound here.
        argument.annotation = None
    plain = ast.parse(f"lambda {ast.unparse(function.args)}: None", mode="eval")
    return inspect.signature(eval(compile(plain, function.name, "eval")))


def options() -> list[list[str]]:
    """The rows of the tables."""
    text = (HERE / "seed_signatures.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return rows[2:]


SHOWN = list(shown_methods())
OPTIONS = options()


def test_the_blocks_without_code_are_all_found():
    assert {name for name, _, _ in SHOWN} == {"001-5", "002-2", "002-7", "003-signature"}


@pytest.mark.parametrize(
    ("subject", "function"),
    [(subject, function) for _, subject, function in SHOWN],
    ids=[f"{name} {subject}.{function.name}" for name, subject, function in SHOWN],
)
def test_a_shown_method_has_its_signature(subject: str, function: ast.FunctionDef):
    ours = inspect.signature(getattr(OURS[subject], function.name))
    assert bare(ours) == bare(signature_of(function))


@pytest.mark.parametrize("row", OPTIONS, ids=lambda row: " ".join(row[:3]))
def test_a_listed_option_has_its_default(row: list[str]):
    _, executor, option, _, default = row
    made: Any = OURS[executor]()
    if default != "-":
        assert getattr(made.options, option) == ast.literal_eval(default)


@pytest.mark.parametrize("row", OPTIONS, ids=lambda row: " ".join(row[:3]))
def test_a_listed_option_takes_a_value_of_its_type(row: list[str]):
    _, executor, option, kind, _ = row
    made: Any = OURS[executor]({option: VALUES[kind]})
    assert getattr(made.options, option) == VALUES[kind]


@pytest.mark.parametrize("name", ["BaseExecutor", "XennaExecutor", "RayDataExecutor"])
def test_every_executor_is_made_as_the_base_class_says(name: str):
    assert (
        bare(inspect.signature(OURS[name].__init__))
        == "(self, config=None, ignore_head_node=False)"
    )


@pytest.mark.parametrize("name", OURS)
def test_every_executor_extends_the_base_class(name: str):
    assert issubclass(OURS[name], BaseExecutor)
