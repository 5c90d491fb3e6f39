"""What a folder of tokens is known by."""

from typing import Any

import pytest

from curator_engine.errors import InputError
from curator_engine.files.output_folder import take
from curator_engine.files.storage import exists, write_atomic
from curator_text.tokenize.token_record import FileRecord, TokenRecord, has_record

FILE = FileRecord(name="a", path="/a", stamp="1", documents=2, tokens=5)


def record(**more):
    given: Any = {"format": "megatron", "token_type": "uint16", "vocabulary": 9, "end": 0}
    given |= {"tokenizer": "t", "tokenizer_key": "k", "fields": []}
    return TokenRecord(**{**given, **more})


def test_a_record_is_read_as_it_was_written(tmp_path):
    made = record(fields=["site"])
    made.add([{"name": "part-00000", "documents": 2, "tokens": 5, "left_out": 0}], [FILE])
    assert not has_record(str(tmp_path))
    made.write(str(tmp_path))
    assert has_record(str(tmp_path))
    assert TokenRecord.read(str(tmp_path)) == made
    assert (made.documents, made.tokens) == (2, 5)


@pytest.mark.parametrize(
    "text",
    [
        '{"version": 1, "token_type": "uint16"}',
        '{"version": 1, "token_type": "uint16", "shards": [], "files": [], "x": 1}',
    ],
)
def test_a_record_of_something_else_is_refused(tmp_path, text):
    (tmp_path / "tokens.json").write_text(text)
    with pytest.raises(InputError, match="no record of tokens"):
        TokenRecord.read(str(tmp_path))


def test_what_is_added_has_the_same_tokens():
    record().check_same(record(), "out")
    with pytest.raises(InputError, match="another --tokenizer"):
        record().check_same(record(tokenizer_key="other"), "out")


def test_boundaries_stay_with_packed_files_alone(tmp_path):
    folder = str(tmp_path / "out")
    with take(folder, job="blend", version="1", inputs=[]):
        write_atomic(f"{folder}/part-00000.boundaries.npy", b"")
        made = record(sequence_length=4)
        made.add([{"name": "part-00000", "documents": 2, "tokens": 8}], [])
        made.write(folder)
        assert exists(f"{folder}/part-00000.boundaries.npy")
        made.sequence_length = None
        made.write(folder)
        assert not exists(f"{folder}/part-00000.boundaries.npy")
