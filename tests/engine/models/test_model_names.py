"""What can be the name of a model."""

import pytest

from curator_engine.errors import InputError
from curator_engine.models.model_names import (
    check_model_name,
    check_vocabulary,
    may_be_model,
    model_below,
)


@pytest.mark.parametrize("name", ["org/name", "org-1/name_2.5"])
def test_an_id_of_the_hub_may_be_a_model(name):
    assert may_be_model(name)


def test_a_folder_may_be_a_model(tmp):
    assert may_be_model(tmp)


@pytest.mark.parametrize("name", ["", "name", "./a/b", "/no/folder", "a/b/c", "../gone", "a b/c"])
def test_other_names_are_an_error_that_names_the_option(name):
    with pytest.raises(InputError, match="neither a folder nor a hub id; check --caption"):
        check_model_name(name, option="--caption")


def test_a_model_lies_in_a_folder_by_its_id_or_is_the_folder_or_an_endpoint(tmp_path):
    assert model_below(str(tmp_path), "org/name") == "org/name"
    (tmp_path / "config.json").touch()
    assert model_below(str(tmp_path), "org/name") == str(tmp_path)
    (tmp_path / "org/name").mkdir(parents=True)
    assert model_below(str(tmp_path), "org/name") == str(tmp_path / "org/name")
    assert model_below("http://host/v1", "org/name") == "http://host/v1"


class Tokenizer:
    """As one of transformers, with words besides its marks."""

    all_special_tokens = ("[CLS]", "[SEP]", "[PAD]")

    def __init__(self, *words):
        self.words = words

    def __len__(self):
        return len(self.all_special_tokens) + len(self.words)

    def get_vocab(self):
        return dict.fromkeys((*self.all_special_tokens, *self.words), 0)


@pytest.mark.parametrize("loaded", [object(), Tokenizer("a"), Tokenizer(*"abcdefghij")])
def test_a_tokenizer_with_a_word_and_what_is_none_pass(loaded):
    check_vocabulary(loaded, "org/name")


@pytest.mark.parametrize("words", [(), ("\u2581", ".")])
def test_a_tokenizer_of_marks_only_is_an_error(words):
    with pytest.raises(InputError, match="'org/name' has no files of its tokenizer"):
        check_vocabulary(Tokenizer(*words), "org/name")
