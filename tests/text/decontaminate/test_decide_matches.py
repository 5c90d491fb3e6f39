"""The step that decides: n-grams that are everywhere, and what was found by evaluation file."""

from contamination_toys import QUESTIONS, decontaminate_into, words
from text_toys import table, write_jsonl

TEMPLATE = "answer the following question with yes or no and give a reason for your answer please"


def test_ngrams_of_too_many_documents_do_not_count(tmp_path):
    rows = [{"text": f"{TEMPLATE} {' '.join(words(i, 20))}"} for i in range(20)]
    rows[3]["text"] += f" {QUESTIONS[0]}"
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    items = [{"q": f"{TEMPLATE} {QUESTIONS[0]}"}, {"q": TEMPLATE}]
    against = write_jsonl(tmp_path / "e.jsonl", items)
    every = decontaminate_into(source, tmp_path / "every", against, min_overlap=0.1)
    assert every["num_removed"] == 20
    some = decontaminate_into(source, tmp_path / "some", against, min_overlap=0.1, max_matches=10)
    assert [row["row"] for row in table(tmp_path / "some", "removed")] == [3]
    assert (some["ignored_ngrams"], some["items_left"]) == (4, 1)


def test_documents_are_counted_for_each_evaluation_file_that_they_hold(tmp_path):
    for name, k in (("a", 0), ("b", 1)):
        write_jsonl(tmp_path / f"eval/{name}.jsonl", [{"q": QUESTIONS[k]}, {"q": QUESTIONS[5 + k]}])
    rows = [{"text": QUESTIONS[0]}, {"text": f"{QUESTIONS[0]} {QUESTIONS[1]}"}, {"text": "none"}]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    facts = decontaminate_into(source, tmp_path / "out", tmp_path / "eval")
    assert facts["found_documents"] == {"a.jsonl": 2, "b.jsonl": 1}
    assert facts["found_items"] == {"a.jsonl": 1, "b.jsonl": 1}
    assert (facts["num_removed"], sum(facts["overlaps"])) == (2, 2)
