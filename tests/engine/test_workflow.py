"""What a workflow returns."""

from toys import Number

from curator_engine.workflow import WorkflowRunResult


def test_a_result_keeps_tasks_and_facts():
    result = WorkflowRunResult(workflow_name="w")
    result.add_pipeline_tasks("step", [Number(data=1)])
    result.add_pipeline_tasks("empty", None)
    result.add_metadata("a", 1)
    result.extend_metadata({"b": 2})
    result.extend_metadata(None)
    assert [t.data for t in result.pipeline_tasks["step"]] == [1]
    assert result.pipeline_tasks["empty"] == []
    assert (result.get_metadata("a"), result.get_metadata("b"), result.get_metadata("c")) == (
        1,
        2,
        None,
    )
