"""Filters by tokens: a tokenizer that cuts at white space, from a file and as an object."""

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_text.filters.recipe import load_recipe
from curator_text.filters.tokenizer_filters import TokenCountFilter, TokenizerFertilityFilter


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    cut = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    cut.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # pyright: ignore[reportAttributeAccessIssue]
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    cut.save(str(path))
    return str(path)


def test_documents_at_both_limits_of_tokens_stay_and_those_past_them_go(tokenizer):
    for given in (tokenizer, Tokenizer.from_file(tokenizer)):
        rule = TokenCountFilter(given, min_tokens=2, max_tokens=3)
        scores = [rule.score_document(text) for text in ("a", "a b", "a b c", "a b c d")]
        assert scores == [1, 2, 3, 4]
        assert [rule.keep_document(score) for score in scores] == [False, True, True, False]


def test_tokens_have_to_be_long_enough(tokenizer):
    rule = TokenizerFertilityFilter(tokenizer)
    scores = [rule.score_document(text) for text in ("ab cd", "ab c", "")]
    assert scores == [2.5, 2.0, -1.0]
    assert [rule.keep_document(score) for score in scores] == [True, False, False]


def test_a_recipe_names_the_file(tokenizer, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(f"filters:\n  - TokenCount: {{tokenizer: {tokenizer}, min_tokens: 2}}\n")
    assert load_recipe(str(path)).filters[0].score_document("a b") == 2


def test_one_tokenizer_has_to_be_given(tokenizer, tmp_path):
    with pytest.raises(SettingsError, match="one of both"):
        TokenCountFilter()
    with pytest.raises(SettingsError, match="one of both"):
        TokenCountFilter(tokenizer, hf_model_name="gpt2")
    with pytest.raises(SettingsError, match="no such file"):
        TokenCountFilter(str(tmp_path / "none.json"))
    with pytest.raises(SettingsError, match="no path_to_tokenizer"):
        TokenizerFertilityFilter()


def test_a_file_that_is_no_tokenizer_or_needs_what_is_not_installed_says_so(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(InputError, match="is no tokenizer"):
        TokenizerFertilityFilter(str(tmp_path / "a.json")).score_document("a")
    (tmp_path / "a.model").write_text("")
    with pytest.raises((ResourceError, InputError), match="sentencepiece"):
        TokenizerFertilityFilter(str(tmp_path / "a.model")).score_document("a")


@pytest.mark.long
def test_a_folder_with_a_tokenizer_of_transformers_is_read_with_the_options(tmp_path):
    words = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "the", "cat"]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    folder = str(tmp_path)
    assert TokenCountFilter(hf_model_name=folder).score_document("the cat") == 4
    with pytest.raises(InputError, match="has no tokenizer here"):
        TokenCountFilter(hf_model_name=str(tmp_path / "none")).score_document("a")
