"""The folders that a blend reads."""

from fractions import Fraction

import pytest
from token_toys import make_tokens

from curator_engine.errors import InputError
from curator_engine.stages.files import find_inputs
from curator_text.blend.sources import (
    ENDINGS,
    folder_names,
    input_folders,
    paths_by_name,
    weights_of,
)

ROWS = [{"text": "words"}, {"text": "more words"}]


def found(*paths):
    return input_folders(find_inputs([str(p) for p in paths], extensions=ENDINGS).files)


def test_folders_are_named_by_their_last_word():
    names = folder_names(["a/web/data", "b/books/data/train", "b/books/data/test", "x/a", "y/a"])
    assert list(names.values()) == ["web", "books", "books/test", "x/a", "y/a"]
    assert folder_names(["data"]) == {"data": "data"}


def test_a_folder_has_the_files_that_its_record_names(tmp_path):
    make_tokens(tmp_path / "a", ROWS)
    (tmp_path / "a/data/part-00007.bin").write_bytes(b"left by a run that was killed")
    [folder] = found(tmp_path / "a")
    assert (folder.name, folder.tokens, len(folder.shards)) == ("a", 17, 1)
    [table] = folder.shards[0].row_groups(["length", "url"])
    assert table.to_pydict() == {"length": [6, 11], "url": [None, None]}
    weights = weights_of({f"{tmp_path}/./a/": Fraction(2)}, ["a"], known=paths_by_name([folder]))
    assert weights == {"a": 2}
    assert paths_by_name([folder])[str(tmp_path / "a")] == "a"


def test_folders_without_tokens_are_told(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(InputError, match="no files of tokens here"):
        found(tmp_path)
    (tmp_path / "x.bin").write_bytes(b"")
    with pytest.raises(InputError, match=r"has no tokens\.json"):
        found(tmp_path)


def test_folders_of_other_tokens_are_told(tmp_path):
    make_tokens(tmp_path / "a", ROWS)
    make_tokens(tmp_path / "b", ROWS, append_end=False)
    with pytest.raises(InputError, match="another --end-token than"):
        found(tmp_path / "a", tmp_path / "b")


def test_parts_for_testing_are_not_taken_for_training(tmp_path):
    for part in ("train", "test"):
        (tmp_path / f"data/{part}").mkdir(parents=True)
        (tmp_path / f"data/{part}/part-00000.bin").write_bytes(b"")
    with pytest.raises(InputError, match="some are for testing"):
        found(tmp_path)
