"""Stages made of functions."""

from typing import Any

import pytest
from toys import Add, Number, Numbers

from curator_engine.errors import PipelineError
from curator_engine.executors.local import LocalExecutor
from curator_engine.function_stage import processing_stage
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources


@processing_stage(name="doubled", resources=Resources(cpus=0.5), batch_size=2)
def double(task):
    return Number(data=task.data * 2)


@processing_stage(name="twins")
def twins(task):
    return [Number(data=task.data), Number(data=-task.data)] if task.data else None


def test_a_function_is_a_stage(make_executor):
    tasks = Pipeline("p", stages=[Numbers(count=3), Add(), double]).run(make_executor())
    assert [task.data for task in tasks] == [2, 4, 6]


def test_a_function_may_return_a_list_or_none():
    tasks = Pipeline("p", stages=[Numbers(count=3), twins]).run(LocalExecutor())
    assert [task.data for task in tasks] == [1, -1, 2, -2]


def test_the_settings_are_the_stages():
    assert (double.name, double.resources, double.batch_size) == ("doubled", Resources(cpus=0.5), 2)


def test_resources_may_be_a_dict():
    stage = processing_stage(name="s", resources={"cpus": 2.0})(lambda task: task)
    assert stage.resources == Resources(cpus=2.0)


def test_a_function_of_two_arguments_is_refused():
    decorate: Any = processing_stage(name="s")
    with pytest.raises(PipelineError, match="s: the function takes 2 arguments; it must take one"):
        decorate(lambda task, other: task)
