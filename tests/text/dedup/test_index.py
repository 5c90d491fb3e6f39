"""The list of an index's parts: what belongs to it, what is refused."""

import json

import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.output_folder import take
from curator_engine.files.storage import write_atomic
from curator_text.dedup.index import (
    Index,
    Part,
    Signing,
    add_part,
    is_index,
    load_index,
    open_index,
    remove_leftovers,
    save_blocks,
)

SIGNING = Signing(method="fast", char_ngrams=24, num_bands=32, minhashes_per_band=8, seed=42)


def part(number, run="run"):
    return Part(name=f"{number:04d}-0123456789ab", run=run, documents=number, bytes=100 * number)


@pytest.fixture
def index(tmp):
    return Index(path=tmp, signing=SIGNING)


@pytest.fixture
def full(index):
    for k in (1, 2, 3):
        save_blocks(index.folder(part(k).name), [])
        index = add_part(index, part(k, run=f"run{k}"))
    return index


def test_what_is_added_is_read_again(full):
    assert load_index(full.path) == full
    assert (full.documents, full.bytes) == (6, 600)


def test_a_folder_without_an_index_is_an_empty_one_only_where_one_is_made(tmp):
    assert not is_index(tmp)
    assert open_index(tmp, SIGNING, create=True).parts == ()
    with pytest.raises(InputError, match=r"holds no index; make one with --save-index"):
        open_index(tmp, SIGNING)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("method", "curator"),
        ("char_ngrams", 13),
        ("num_bands", 20),
        ("minhashes_per_band", 13),
        ("seed", 7),
    ],
)
def test_documents_that_were_signed_in_another_way_are_refused(full, name, value):
    there = getattr(SIGNING, name)
    other = Signing(**{**vars(SIGNING), name: value})
    with pytest.raises(SettingsError, match=rf"was made with {name}={there} \(here {value}\); "):
        open_index(full.path, other, create=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "has index format 2, and this program reads 1"),
        ({"signing": {"method": "fast"}}, "is damaged"),
        ({"parts": None}, "is damaged"),
    ],
)
def test_an_index_that_is_not_understood_is_refused(full, tmp_path, change, message):
    path = tmp_path / "index.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(InputError, match=message):
        load_index(full.path)


def test_an_index_before_an_input_has_the_parts_before_it(full):
    assert full.before("run2").parts == full.parts[:1]
    assert full.before("unknown") == full


def test_the_key_tells_the_parts_apart(full):
    assert full.key != full.before("run3").key


def test_leftovers_go_but_nothing_else(full, tmp_path):
    (tmp_path / "parts/notes").mkdir()
    (tmp_path / "parts/0004-theirs").mkdir()
    (tmp_path / "parts/0004-theirs/x").touch()
    with take(str(tmp_path), job="index", mode="share"):
        for name in ("0004-aaaaaaaaaaaa", "0004-bbbbbbbbbbbb"):
            write_atomic(str(tmp_path / "parts" / name / "x.npy"), b"")
        remove_leftovers(full, keep="0004-aaaaaaaaaaaa")
    names = {path.name for path in (tmp_path / "parts").iterdir()}
    assert names == {*(p.name for p in full.parts), "0004-aaaaaaaaaaaa", "0004-theirs", "notes"}
