"""Which embeddings of a run are taken."""

import numpy as np
import pytest

from curator_engine.errors import InputError
from curator_engine.files.output_folder import take
from curator_engine.items.stored_embeddings import (
    choose_embedding,
    embedding_files,
    write_embeddings,
)


@pytest.fixture
def run(tmp_path):
    """A function that writes embeddings of these kinds and gives the folder."""

    def make(*names):
        with take(str(tmp_path / "run"), job="curate"):
            for name in names:
                write_embeddings(
                    str(tmp_path / "run"), name, "0", ["a"], np.ones((1, 1), np.float32)
                )
        return str(tmp_path / "run")

    return make


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (["clip"], None, "clip"),
        (["clip", "fingerprint"], None, "fingerprint"),
        (["clip", "fingerprint"], "clip", "clip"),
    ],
)
def test_the_wanted_one_else_the_fingerprint_else_the_only_one(run, names, wanted, found):
    folder = run(*names)
    assert choose_embedding(folder, wanted) == found
    assert len(embedding_files(folder, found)) == 1


@pytest.mark.parametrize(
    ("names", "wanted", "message"),
    [
        ([], None, "holds no embeddings; run again"),
        (["clip"], "ce1", "'ce1'; there are clip"),
        (["ce1", "clip"], None, "choose by --embedding: ce1, clip"),
    ],
)
def test_what_cannot_be_chosen_is_one_line(run, names, wanted, message):
    with pytest.raises(InputError, match=message):
        choose_embedding(run(*names), wanted)
