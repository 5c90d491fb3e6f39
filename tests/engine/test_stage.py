"""Stages: names, copies with other settings, filters, composites."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from toys import Add, AddTwice, Number

from curator_engine.errors import PipelineError
from curator_engine.resources import Resources
from curator_engine.stage import CompositeStage, Filter, ProcessingStage, Rejection
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

    assert Needs().validate_input(table("a")) == "no column score; there are text"


def test_a_missing_attribute_is_named():
    class Needs(ProcessingStage[Task[Any], Task[Any]]):
        def process(self, task):
            return task

        def inputs(self):
            return ["clips"], []

    assert Needs().validate_input(Number(data=1)) == "Number has no clips"


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


def test_a_rejection_knows_the_task_of_a_batch_that_it_was_met_in():
    class Reject(Add):
        def process(self, task):
            self.reject(Rejection(file="f", reason="bad"))
            return task

    stage = Reject()
    stage.process_batch([Number(data=0, task_id="a"), Number(data=0, task_id="b")])
    assert [rejection.task_id for rejection in stage.take_notes()[2]] == ["a", "b"]


def test_notes_are_taken_once():
    stage = Add()
    stage.count_drops({"short": 1})
    stage.take_notes()
    assert stage.take_notes() == ({}, {}, [])


def test_settings_of_a_composite_stage_are_refused_where_they_have_no_effect():
    class Both(CompositeStage):
        def decompose(self):
            return [Add(), Add().with_(name="again")]

    with pytest.raises(PipelineError, match=r"with_stages\(\{'add'"):
        Both().with_(batch_size=2).flatten()
