import json

import pytest
from image.runs import copied, data, image, kept, rows_of
from image.scenes import encoded, scene


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """A run with embeddings of a tiny CLIP model."""
    from tiny_models import write_clip

    place = tmp_path_factory.mktemp("embedded")
    model = write_clip(place / "model")
    (place / "in").mkdir()
    for n in range(3):
        (place / f"in/{n}.png").write_bytes(encoded(scene(n)))
    words = ["--embed", model, "--device", "cpu"]
    assert image("curate", place / "in", "-o", place / "out", *words) == 0
    return place / "out"


def found(capsys):
    return json.loads(capsys.readouterr().out)["images"]


def test_a_picture_finds_itself_first(embedded, capsys):
    query = embedded.parent / "in/1.png"
    assert image("search", embedded, query, "--json", "--device", "cpu") == 0
    first = found(capsys)[0]
    assert (first["place"], round(first["similarity"], 3)) == ("1.png", 1.0)


def test_an_id_finds_its_picture_without_the_model(embedded, capsys):
    uuid = rows_of(embedded)["2.png"]["uuid"]
    assert image("search", embedded, uuid, "--json", "--model", "gone/model") == 0
    assert found(capsys)[0]["uuid"] == uuid


def test_a_text_ranks_all_pictures(embedded, capsys):
    assert image("search", embedded, "a red boat", "--json", "--device", "cpu") == 0
    assert len(found(capsys)) == 3


def test_a_run_without_embeddings_says_how_to_get_some(finished_images, capsys):
    assert image("search", finished_images, "a red boat") == 2
    assert "--embed clip" in capsys.readouterr().err


def test_a_file_that_is_no_picture_is_one_line(embedded, tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert image("search", embedded, tmp_path / "a.png", "--device", "cpu") == 2
    assert "cannot be read as a picture" in capsys.readouterr().err


def test_pictures_that_mean_the_same_go_if_it_is_asked_for_and_come_back(
    embedded, tmp_path, capsys
):
    run = copied(embedded, tmp_path)
    # Of tiny networks all vectors are alike.
    assert image("dedup", run, "--eps", "0.9", "--apply", "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["semantic"], summary["applied"]) == (2, True)
    stages = [row["drop_stage"] for row in rows_of(run).values()]
    assert sorted(stages) == ["", "semantic", "semantic"]
    assert data(run) == kept(run)
    assert image("dedup", run, "--apply") == 0
    assert data(run) == kept(run) == kept(embedded)


def test_what_means_the_same_is_known_by_vectors_only(finished_images, tmp_path, capsys):
    assert image("dedup", finished_images, "--eps", "auto") == 2
    assert "curate again with --embed clip" in capsys.readouterr().err
    assert image("curate", tmp_path, "-o", tmp_path / "out", "--eps", "0.1") == 2
    assert "--eps 0.1 needs CLIP's vectors; add --embed" in capsys.readouterr().err
    assert image("curate", tmp_path, "-o", tmp_path / "o", "--eps", "2", "--embed", "clip") == 2


def test_curate_drops_what_means_the_same(embedded, tmp_path):
    words = ["--embed", embedded.parent / "model", "--eps", "0.9", "--device", "cpu"]
    assert image("curate", embedded.parent / "in", "-o", tmp_path / "out", *words) == 0
    assert len(data(tmp_path / "out")) == 1
