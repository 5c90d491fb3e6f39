"""Stages: names, copies with other settings, filters, composites."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from toys import Add, AddTwice, Number

from curator_engine.errors import PipelineError
from curator_engine.resources import Resources
from curator_engine.stage import CompositeStage, Filter, ProcessingStage, get_stage_class
from curator_engine.task import TableTask, Task


class HTMLPageReader(Add):
    pass


class Short(Filter[TableTask]):
    def drop_batch(self, data):
        lengths = pc.utf8_length(data.column("text")).combine_chunks()
        is_short = pc.less(lengths, pa.scalar(2))
        return pc.if_else(is_short, pa.scalar("short"), pa.scalar(None, pa.string()))


class Neither(Filter[TableTask]):
    pass


def table(*texts):
    return TableTask(data=pa.table({"text": list(texts)}))


def test_a_stage_is_named_after_its_class():
    assert HTMLPageReader().name == "html_page_reader"


def test_with_leaves_the_stage_as_it_was():
    stage = Add()
    stage.with_(name="other", resources=Resources(cpus=2), batch_size=8)
    assert (stage.name, stage.resources.cpus, stage.batch_size) == ("add", 1.0, 1)


def test_with_sets_a_number_of_workers():
    assert Add().with_(num_workers=3).num_workers() == 3


def test_with_merges_a_spec_over_the_present_one():
    stage = Add().with_(xenna_stage_spec={"a": 1, "b": 1}).with_(xenna_stage_spec={"b": 2})
    assert stage.xenna_stage_spec() == {"a": 1, "b": 2}


def test_a_filter_drops_by_arrow_reasons():
    kept = Short().process(table("a", "bb", "c"))
    assert kept.data.column("text").to_pylist() == ["bb"]


def test_a_filter_counts_its_reasons():
    stage = Short()
    stage.process(table("a", "bb", "c"))
    assert dict(stage.take_notes()[1]) == {"short": 2}


def test_a_filter_that_drops_all_gives_no_task():
    assert Short().process(table("a")) is None


def test_a_filter_without_a_rule_says_so():
    with pytest.raises(NotImplementedError, match="Neither defines neither"):
        Neither().process(table("a"))


def test_a_composite_flattens_nested_and_single_stages():
    assert [stage.name for stage in AddTwice().flatten()] == ["first", "second"]


def test_a_composite_passes_settings_to_a_stage_by_name():
    stages = AddTwice().with_stages({"second": {"batch_size": 7}}).flatten()
    assert [stage.batch_size for stage in stages] == [1, 7]


def test_a_composite_names_a_stage_that_it_does_not_have():
    with pytest.raises(PipelineError, match="0 stages are named 'third'; there are first, second"):
        AddTwice().with_stages({"third": {}}).flatten()


def test_a_composite_is_never_run_itself():
    with pytest.raises(PipelineError, match="add it to a Pipeline"):
        AddTwice().process(Number(data=1))


def test_a_missing_column_is_named():
    class Needs(ProcessingStage[Task[Any], Task[Any]]):
        def process(self, task):
            return task

        def inputs(self):
            return ["data"], ["score"]

    assert Needs().missing_in(table("a")) == "no column score; there are text"
    assert Needs().validate_input(table("a")) is False


def test_a_missing_attribute_is_named():
    class Needs(ProcessingStage[Task[Any], Task[Any]]):
        def process(self, task):
            return task

        def inputs(self):
            return ["clips"], []

    assert Needs().missing_in(Number(data=1)) == "Number has no clips"


def test_a_stage_without_process_cannot_be_made():
    class Nothing(ProcessingStage[Number, Number]):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Nothing()  # pyright: ignore[reportAbstractUsage] (what is refused)


def test_a_composite_of_no_stages_says_what_to_do():
    class Hollow(AddTwice):
        def decompose(self):
            return []

    with pytest.raises(
        PipelineError, match=r"hollow stands for no stages; return some from decompose"
    ):
        Hollow().flatten()


def test_settings_of_a_composite_stage_are_refused_where_they_have_no_effect():
    class Both(CompositeStage):
        def decompose(self):
            return [Add(), Add().with_(name="again")]

    with pytest.raises(PipelineError, match=r"with_stages\(\{'add'"):
        Both().with_(batch_size=2).flatten()


def test_a_column_of_a_dataframe_counts_as_one():
    class Needs(Add):
        def inputs(self):
            return ["data"], ["score"]

    stage: Any = Needs()
    assert stage.validate_input(Task(data=pd.DataFrame({"score": [1]}))) is True
    assert stage.validate_input(Task(data=pd.DataFrame({"text": ["a"]}))) is False


def test_needs_may_depend_on_the_class_of_the_task():
    class Needs(Add):
        def inputs(self):
            return {TableTask: (["data"], ["score"]), Number: (["data"], [])}

    class MoreNumber(Number):
        pass

    stage: Any = Needs()
    assert stage.validate_input(MoreNumber(data=1)) is True
    assert stage.missing_in(table("a")) == "no column score; there are text"
    assert stage.missing_in(Task(data=0)) == "it takes TableTask or Number, no Task"


@pytest.mark.parametrize("answer", [False, np.False_, "too short"])
def test_a_task_that_does_not_pass_is_refused(answer):
    class Picky(Add):
        def validate_input(self, task):
            return answer

    with pytest.raises(
        PipelineError, match=r"picky cannot use task 7: (it failed validation|too short)"
    ):
        Picky().process_batch([Number(data=1, task_id="7")])


@pytest.mark.parametrize("answer", [True, np.True_, None])
def test_a_task_that_passes_is_taken(answer):
    class Easy(Add):
        def validate_input(self, task):
            return answer

    Easy().check_input(Number(data=1))


def test_a_batch_that_is_processed_by_hand_is_one_list():
    class Some(Add):
        def process(self, task):
            return {0: None, 1: task, 2: [task, task], 3: iter([task])}[task.data]

    found: list[Any] = list(Some().process_batch([Number(data=n) for n in range(4)]))
    assert [task.data for task in found] == [1, 2, 2, 3]


def test_with_takes_its_first_four_by_position():
    twin = Add().with_("other", Resources(cpus=2), 8, {"env_vars": {"A": "1"}})
    assert (twin.name, twin.resources.cpus, twin.batch_size) == ("other", 2, 8)
    assert twin.runtime_env == {"env_vars": {"A": "1"}}


def test_with_none_keeps_what_there_is():
    stage = Add().with_(batch_size=4, num_workers=3, xenna_stage_spec={"a": 1})
    twin = stage.with_(name=None, resources=None, batch_size=None, num_workers=None)
    assert (twin.name, twin.batch_size, twin.num_workers()) == ("add", 4, 3)
    assert twin.xenna_stage_spec() == {"a": 1}


def test_a_plain_stage_takes_no_dict_of_stages():
    with pytest.raises(PipelineError, match="add is one stage, so"):
        Add().with_({"add": {"batch_size": 2}})


def test_settings_for_stages_by_name_change_the_composite_itself():
    stage = AddTwice()
    assert stage.with_({"first": {"batch_size": 7}}) is stage
    assert [each.batch_size for each in stage.decompose_and_apply_with()] == [7, 1]


def test_settings_for_stages_are_applied_one_after_the_other():
    stage = AddTwice().with_({"first": {"batch_size": 7}}).with_({"first": {"name": "begin"}})
    [first, _] = stage.with_({"begin": {"resources": Resources(cpus=2)}}).flatten()
    assert (first.name, first.batch_size, first.resources.cpus) == ("begin", 7, 2)


def test_with_stages_leaves_the_composite_as_it_was():
    stage = AddTwice()
    stage.with_stages({"first": {"batch_size": 7}})
    assert [each.batch_size for each in stage.flatten()] == [1, 1]


@pytest.mark.parametrize("name", ["name", "resources", "batch_size", "runtime_env"])
def test_a_setting_that_is_a_property_is_refused(name):
    with pytest.raises(TypeError, match=rf"Fixed\.{name} is a property; make it an attribute"):
        type("Fixed", (Add,), {name: property(lambda self: None)})


def test_a_stage_says_whether_it_takes_batches():
    class Batches(Add):
        def process_batch(self, tasks):
            return tasks

    assert (Add().supports_batch_processing(), Batches().supports_batch_processing()) == (
        False,
        True,
    )


def test_a_stage_class_is_found_by_its_name():
    class CountPages(ProcessingStage[Any, Any]):
        def process(self, task):
            return task

    assert get_stage_class("CountPages") is CountPages


@pytest.mark.parametrize("name", ["ProcessingStage", "NoSuchStage"])
def test_no_stage_is_found_by_the_name_of_an_abstract_one(name):
    with pytest.raises(KeyError, match=name):
        get_stage_class(name)
