"""`curate --shard` and `merge`: what they leave is what one run over everything leaves."""

import json

import pytest
from image.drawn_pictures import write_tar
from image.pipelines.test_curate import files_in, rows_of
from image.runs import image
from image.scenes import draw_photos, encoded, scene


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Scenes and copies of them, some in a tar, and an evaluation set."""
    place = tmp_path_factory.mktemp("shards")
    draw_photos(place / "in")
    members = [("a.png", encoded(scene(1).resize((400, 300)))), ("b.png", encoded(scene(9)))]
    write_tar(place / "in/s.tar", [*members, ("b.txt", b"nine"), ("b.npy", b"n")])
    (place / "eval").mkdir()
    (place / "eval/e.png").write_bytes(encoded(scene(3)))
    return place


def curate(photos, out, *words):
    common = ["--against", photos / "eval", "--max-rejected-ratio", 1, "--workers", 1]
    return image("curate", photos / "in", "-o", out, *common, *words)


@pytest.mark.parametrize("output_format", ["as-input", "webdataset"])
def test_shards_make_what_one_run_makes(photos, tmp_path, output_format):
    how = ["--output-format", output_format]
    assert curate(photos, tmp_path / "one", *how) == 3
    for i in range(2):
        assert curate(photos, tmp_path / "parts", *how, "--shard", f"{i}/2") in (0, 3)
    assert image("merge", tmp_path / "parts", "-o", tmp_path / "whole") == 3
    assert rows_of(tmp_path / "whole") == rows_of(tmp_path / "one")
    assert files_in(tmp_path / "whole/data") == files_in(tmp_path / "one/data")
    one, whole = (
        json.loads((tmp_path / name / "run.json").read_text())["facts"] for name in ("one", "whole")
    )
    names = ("images", "kept", "dropped", "unreadable", "dropped_by", "quarantined")
    assert {name: whole[name] for name in names} == {name: one[name] for name in names}
    assert whole["dropped_by"].keys() == {"exact", "leak", "near"}
    # The merged run is a run like others.
    for words in (["--near", "off"], []):
        assert image("dedup", tmp_path / "whole", *words, "--apply") == 0
    assert files_in(tmp_path / "whole/data") == files_in(tmp_path / "one/data")


def test_an_index_is_not_added_to_by_shards(photos, tmp_path):
    words = ["--shard", "0/2", "--save-index", tmp_path / "index"]
    assert curate(photos, tmp_path / "out", *words) == 2
