"""The page of a run that asks a model."""

from text_toys import write_jsonl

from curator_engine.running.run_record import write_record
from curator_text.report.generate_page import build_page


def test_the_page_shows_the_prompt_how_answers_end_and_why_documents_went(tmp_path):
    write_jsonl(tmp_path / "in.jsonl", [{"text": "x"}])
    ends, reasons = {"stop": 3, "length": 1}, {"<b>no use": 1}
    facts = {
        "num_documents": 5,
        "num_removed": 1,
        "answers_paid": 4,
        "tokens_in": 40,
        "tokens_out": 20,
        "usd": 0.5,
        "answers": {"ends": ends, "reasons": reasons},
    }
    settings = {"input_path": [str(tmp_path / "in.jsonl")], "model": "tiny"}
    record = {"job": "generate", "status": "done", "settings": settings, "facts": facts}
    recipe = {"name": "own", "prompt": "<i>{text}"}
    write_record(str(tmp_path), {**record, "version": "1", "recipe": recipe, "steps": {}})
    html = build_page(str(tmp_path))
    for words in (
        "&lt;i&gt;{text}",
        "length: cut at the limit",
        "&lt;b&gt;no use",
        "tiny",
        "0.5000",
    ):
        assert words in html
