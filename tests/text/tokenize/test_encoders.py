"""What makes tokens of texts."""

import base64
import sys

import pyarrow as pa
import pytest
from token_toys import train_bpe
from tokenizer_toys import save_words

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_text.tokenize import encoders
from curator_text.tokenize.encoders import load_encoder

TEXTS = ["the cat", "", "a <|endoftext|> in a text", "naïve 中"]


def encode(encoder, texts=TEXTS):
    tokens, lengths = encoder.encode(pa.array(texts))
    assert lengths.sum() == len(tokens)
    ends = lengths.cumsum().tolist()
    return [tokens[end - n : end].tolist() for end, n in zip(ends, lengths.tolist(), strict=True)]


@pytest.fixture(scope="module")
def bpe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bpe")
    made = train_bpe(["the cat the cat"])
    made.enable_truncation(2)
    made.enable_padding(length=9)
    made.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    path = tmp_path_factory.mktemp("ranks") / "toy.tiktoken"
    pieces = [bytes([n]) for n in range(256)] + [b"th", b"the"]
    lines = [f"{base64.b64encode(piece).decode()} {rank}" for rank, piece in enumerate(pieces)]
    path.write_text("\n".join(lines))
    return str(path)


def test_bytes_are_those_of_utf8():
    encoder = load_encoder("bytes")
    assert encode(encoder) == [list(text.encode()) for text in TEXTS]
    assert (encoder.vocabulary, encoder.end) == (257, 256)
    part = pa.array(TEXTS).slice(3)
    assert encoder.encode(part)[0].tolist() == list("naïve 中".encode())


@pytest.mark.parametrize("name", ["", "tokenizer.json"])
def test_a_tokenizer_gives_whole_texts_and_no_special_tokens_for_what_they_spell(bpe, name):
    encoder = load_encoder(str(bpe / name))
    found = encode(encoder)
    made = train_bpe(["the cat the cat"])
    assert [made.decode(each) for each in found] == TEXTS
    assert encoder.end == made.token_to_id("<|endoftext|>")
    assert encoder.end not in found[2]
    assert encoder.vocabulary == made.get_vocab_size()


def test_a_large_batch_is_given_piece_by_piece(bpe, monkeypatch):
    encoder = load_encoder(str(bpe))
    monkeypatch.setattr(encoders, "_BATCH_BYTES", 100)
    texts = ["the cat " * 6, "the", "the cat " * 20, "cat", "", ""]
    assert encode(encoder, texts) == [encode(encoder, [text])[0] for text in texts]


def test_the_end_token_is_the_one_that_is_named(bpe, tmp_path):
    assert load_encoder(str(bpe), end_token="!").end == train_bpe([""]).token_to_id("!")
    with pytest.raises(SettingsError, match="no token of"):
        load_encoder(str(bpe), end_token="<eos>")
    words = save_words(tmp_path / "words", ["a", "b", "c"], end="c")
    assert load_encoder(words).end == 3
    with pytest.raises(SettingsError, match="leave out --end-token"):
        load_encoder("bytes", end_token="x")


def test_a_file_of_ranks_is_an_encoding_of_tiktoken(ranks):
    encoder = load_encoder(ranks)
    found = encode(encoder)
    assert found[0][0] == 257
    assert (encoder.end, encoder.vocabulary) == (258, 259)
    assert 258 not in found[2]
    assert load_encoder(ranks, end_token="258").end == 258
    with pytest.raises(SettingsError, match="no special token"):
        load_encoder(ranks, end_token="the")
    letters = load_encoder(ranks, split_pattern=".")
    assert encode(letters)[0] == list(b"the cat")
    assert letters.key != encoder.key


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("tokenizer.json", "{", "is no tokenizer"),
        ("tokenizer.json", None, "there is no tokenizer"),
        ("x.tiktoken", "a b c", "is no encoding"),
        ("x.tiktoken", None, "is no encoding"),
    ],
)
def test_what_is_no_tokenizer_is_named(tmp_path, name, text, said):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        load_encoder(str(tmp_path / name))


@pytest.mark.parametrize("library", ["tokenizers", "tiktoken"])
def test_a_library_that_is_missing_is_named_with_its_extra(tmp_path, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    name = {"tokenizers": "tokenizer.json", "tiktoken": "a.tiktoken"}[library]
    (tmp_path / name).write_text("{}")
    with pytest.raises(ResourceError, match=r"install curator-text\[tokenize\]"):
        load_encoder(str(tmp_path / name))
