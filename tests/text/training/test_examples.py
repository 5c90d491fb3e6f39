"""Which texts count, and in which half they are."""

import pytest
from text_toys import write_jsonl
from training_toys import texts_of, train_into, write_kinds

from curator_engine.errors import InputError


def rows(texts):
    return [{"text": each} for each in texts]


def test_copies_count_once_and_texts_of_both_kinds_not_at_all(tmp_path):
    good, bad = texts_of("good", 60), texts_of("bad", 60)
    write_jsonl(tmp_path / "g.jsonl", rows([*good, *good[:7], bad[0], "...", ""]))
    write_jsonl(tmp_path / "b.jsonl", rows([*bad, " "]))
    facts = train_into(f"{tmp_path}/g.jsonl", f"{tmp_path}/b.jsonl", tmp_path / "out")
    assert (facts["good"], facts["bad"]) == (61, 59)
    assert (facts["copies"], facts["in_both"], facts["empty"]) == (7, 1, 2)


def test_the_model_does_not_depend_on_order_and_files(tmp_path):
    good, bad = write_kinds(tmp_path, 60)
    train_into(good, bad, tmp_path / "a")
    for name in ("good", "bad"):
        texts = list(reversed(texts_of(name, 60)))
        write_jsonl(tmp_path / name / "1.jsonl", rows(texts[:20]))
        write_jsonl(tmp_path / name / "2.jsonl", rows(texts[20:]))
    train_into(f"{tmp_path}/good", f"{tmp_path}/bad", tmp_path / "b")
    one, other = ((tmp_path / name / "model.safetensors").read_bytes() for name in "ab")
    assert one == other


def test_of_many_texts_a_sample_counts(tmp_path):
    facts = train_into(*write_kinds(tmp_path, 80), tmp_path / "out", max_documents=40)
    assert facts["trained"] + facts["held_out"]["good"] + facts["held_out"]["bad"] == 80


def test_too_few_texts_are_refused(tmp_path):
    with pytest.raises(InputError, match="19 different texts are bad ones"):
        train_into(*write_kinds(tmp_path, 19), tmp_path / "out")


def test_nothing_held_out_is_refused(tmp_path):
    with pytest.raises(InputError, match="texts is held out; give more texts"):
        train_into(*write_kinds(tmp_path, 20), tmp_path / "out", held_out=0.001)
