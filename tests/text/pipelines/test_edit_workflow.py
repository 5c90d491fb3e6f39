"""What jobs have in common that change texts; tests/text/pipelines/test_clean.py runs one."""

from clean_toys import ROWS, clean_into
from text_toys import write_jsonl

from curator_text.pipelines.clean import CleanWorkflow
from curator_text.settings import CleanSettings


def test_the_editor_is_part_of_what_a_run_is_compared_by():
    one, two = (
        CleanWorkflow(settings=CleanSettings(inputs=["x"], output="y", set=changes))
        for changes in ([], ["NoticeLines=off"])
    )
    assert one.recorded()["editor"] != two.recorded()["editor"]


def test_only_a_run_that_knows_what_it_edited_has_a_page():
    workflow = CleanWorkflow(settings=CleanSettings(inputs=["x"], output="y"))
    assert not workflow.has_result({"num_documents": 3})
    assert workflow.has_result({"num_removed": 0})


def test_a_file_without_any_document_is_the_same_file(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": None}])
    facts = clean_into(source, tmp_path / "out")
    assert (facts["num_documents"], facts["changed"], len(ROWS)) == (1, 0, 60)
    assert (tmp_path / "out/data/x.jsonl").read_bytes() == (tmp_path / "x.jsonl").read_bytes()
