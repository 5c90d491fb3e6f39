"""Tomorrow's files, as docs/jobs.md says: of these jobs, a run over the new files alone gives what one over all gives of them."""

from pathlib import Path

import pytest
from text_toys import command, rows_of, sentence, write_jsonl

HTML = "<html><head><title>{0}</title></head><body><p>{1}</p></body></html>"
JOBS = {
    "clean": [],
    "pii": [],
    "langid": ["--keep", "eng"],
    "filter": ["--recipe", "long.yaml"],
    "extract": ["--html-field", "html", "--extractor", "resiliparse"],
    "decontaminate": ["--against", "sets.jsonl", "--ngram", "5"],
}


def rows(first):
    texts = [" ".join(sentence(n + k) for k in range(1 + n % 4)) for n in range(first, first + 6)]
    mail = "Write to ann@example.org. "
    return [
        {"id": n, "text": mail + text, "html": HTML.format(n, text)} for n, text in enumerate(texts)
    ]


@pytest.mark.parametrize("job", JOBS)
def test_new_files_are_a_run_of_their_own(job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("long.yaml").write_text("filters:\n  - WordCount: {min_words: 200}\n", encoding="utf-8")
    write_jsonl("sets.jsonl", [{"text": rows(3)[0]["text"]}])
    for day, first in (("1", 0), ("2", 40)):
        write_jsonl(f"days/{day}.jsonl", rows(first))
    words = ["--workers", "1", "--max-rejected-ratio", "1", *JOBS[job]]
    for out, given in (("a", "days/1.jsonl"), ("b", "days/2.jsonl"), ("all", "days")):
        code, _, said = command(job, given, "-o", out, *words)
        assert code == 0, said
    assert rows_of("a") + rows_of("b") == rows_of("all") != []
