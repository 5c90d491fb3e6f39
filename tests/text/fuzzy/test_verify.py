"""What becomes of copies."""

from text_toys import deduplicate, edited, removed, sentence, write_jsonl


def test_a_copy_of_a_removed_document_goes_where_that_went(tmp_path):
    base = sentence(1)
    near = edited(base, 1)
    rows = [
        {"id": "base", "text": base},
        {"id": "near", "text": near},
        {"id": "copy", "text": near},
    ]
    deduplicate(
        write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", id_field="id", threshold=0.7
    )
    gone = removed(tmp_path / "out")
    assert gone["copy"] == gone["near"]
    assert gone["near"][0] == "base"


def test_a_chain_of_small_edits_does_not_remove_its_far_end(tmp_path):
    words = sentence(1, words=60).split()
    texts = [
        " ".join(words[: 60 - 6 * k] + sentence(50 + k, words=6 * k).split()) for k in range(6)
    ]
    rows = [{"id": str(k), "text": text} for k, text in enumerate(texts)]
    deduplicate(
        write_jsonl(tmp_path / "x.jsonl", rows), tmp_path / "out", id_field="id", threshold=0.75
    )
    assert "5" not in removed(tmp_path / "out")
