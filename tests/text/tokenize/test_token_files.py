"""Files of tokens: what is written is what the formats say, and is read back."""

import numpy as np
import pytest
from token_toys import megatron_documents, shard_documents

from curator_engine.errors import InputError
from curator_text.tokenize.token_files import (
    TokenFile,
    index_bytes,
    token_type,
    write_tokens,
    write_tokens_json,
)

DOCUMENTS = [[5, 6, 7], [], [8, 65_499]]


def save(stem, form, kind="uint16"):
    with write_tokens(str(stem), kind=kind, form=form) as out:
        out.write(np.array([5, 6, 7]), np.array([3, 0]))
        out.write(np.array([8, 65_499]), np.array([2]))
    write_tokens_json(str(stem.parent), {"token_type": kind})


@pytest.mark.parametrize(("kind", "numpy"), [("uint16", np.uint16), ("int32", np.int32)])
def test_an_independent_reader_finds_the_documents_of_megatrons_files(tmp_path, kind, numpy):
    save(tmp_path / "part", "megatron", kind)
    assert megatron_documents(tmp_path / "part", numpy) == DOCUMENTS


def test_an_independent_reader_finds_the_documents_of_shards(tmp_path):
    save(tmp_path / "part", "shards")
    assert shard_documents(tmp_path / "part") == DOCUMENTS


@pytest.mark.parametrize("form", ["megatron", "shards"])
@pytest.mark.parametrize("ending", ["", ".bin"])
def test_our_own_reader_gives_them_one_by_one(tmp_path, form, ending):
    save(tmp_path / "part", form, "int32")
    found = TokenFile(tmp_path / f"part{ending}")
    assert [each.tolist() for each in found] == DOCUMENTS
    assert len(found) == 3
    assert found[-1].tolist() == [8, 65_499]
    assert [each.tolist() for each in found[:2]] == DOCUMENTS[:2]
    assert found.tokens.tolist() == [5, 6, 7, 8, 65_499]
    with pytest.raises(IndexError):
        found[3]


def test_a_file_without_documents_is_read(tmp_path):
    with write_tokens(str(tmp_path / "part"), kind="uint16", form="megatron"):
        pass
    assert len(TokenFile(tmp_path / "part.idx")) == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "part.bin").unlink(), "no file of tokens"),
        (lambda folder: (folder / "part.bin").write_bytes(b"12"), "shorter than its index"),
        (lambda folder: (folder / "part.idx").write_bytes(b"12"), "no index of Megatron"),
        (
            lambda folder: (folder / "part.idx").write_bytes(index_bytes(np.ones(4), "int32")[:-1]),
            "cut off",
        ),
    ],
)
def test_a_file_that_is_damaged_is_named(tmp_path, spoil, said):
    save(tmp_path / "part", "megatron")
    spoil(tmp_path)
    with pytest.raises(InputError, match=said):
        TokenFile(tmp_path / "part")


@pytest.mark.parametrize(
    "text", [None, "{", '{"version": 1}', '{"version": 2, "token_type": "uint16"}']
)
def test_shards_need_their_record(tmp_path, text):
    save(tmp_path / "part", "shards")
    (tmp_path / "tokens.json").unlink()
    if text is not None:
        (tmp_path / "tokens.json").write_text(text)
    with pytest.raises(InputError, match=r"tokens\.json"):
        TokenFile(tmp_path / "part")


def test_the_type_goes_by_the_vocabulary_as_in_megatron():
    assert (token_type(65_499), token_type(65_500)) == ("uint16", "int32")


def test_a_sequence_knows_where_its_documents_begin(tmp_path):
    with write_tokens(str(tmp_path / "part"), kind="uint16", form="megatron") as out:
        out.write(np.arange(12), np.array([4, 4, 4]))
    found = TokenFile(tmp_path / "part")
    with pytest.raises(InputError, match="not packed"):
        found.boundaries(0)
    np.save(tmp_path / "part.boundaries.npy", np.array([0, 2, 2, 4, 11, 12]))
    found = TokenFile(tmp_path / "part")
    edges = [found.boundaries(number).tolist() for number in range(3)]
    assert edges == [[0, 2, 4], [0, 4], [0, 3, 4]]
