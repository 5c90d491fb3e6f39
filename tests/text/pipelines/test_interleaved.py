"""Documents of texts and pictures as a job."""

from interleaved_toys import mint, pdf_with_picture, picture
from text_toys import command

from curator_text.interleaved_settings import InterleavedSettings
from curator_text.pipelines.interleaved import InterleavedWorkflow, added_up

LISTS = {"texts": ["One.", None], "images": [None, "a"]}


def test_what_comes_in_stays_or_goes_with_a_reason(tmp_path):
    folder = tmp_path / "in"
    mint(folder / "a.tar", ("a", LISTS, {"png": picture()}), ("b", LISTS, {"png": picture(9, 9)}))
    (folder / "b.pdf").write_bytes(pdf_with_picture(picture(kind="JPEG"), 200, 160))
    (folder / "c.pdf").write_bytes(b"broken")
    settings = InterleavedSettings(
        inputs=[str(folder)], output=str(tmp_path / "out"), max_rejected_ratio=1.0
    )
    facts = InterleavedWorkflow(settings=settings).run().metadata
    assert (facts["num_documents"], facts["kept"], facts["num_removed"]) == (3, 2, 1)
    assert (facts["images_in"], facts["images_kept"], facts["texts_in"]) == (3, 2, 4)
    assert sum(facts["images_removed_by"].values()) == 1
    assert sum(facts["texts_removed_by"].values()) == 4 - facts["texts_kept"]
    assert facts["lost_rows"] == 1


def test_reasons_are_added_up_the_most_frequent_first():
    one = {"kept": 1, "removed_by": {"document": {"x": 1, "y": 2}}}
    assert list(added_up([one, one])["removed_by"].items()) == [("y", 4), ("x", 2)]


def test_copies_go(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    both = {"texts": ["One.", None, None], "images": [None, "a", "b"]}
    for name in "abc":
        files = {"a.png": picture(), "b.png": picture(seed=ord(name))}
        texts = {"texts": [f"Text {name}.", None, None]} if name != "c" else {}
        mint(folder / f"{name}.tar", (name, both | texts, files), (f"{name}2", both, files))
    settings = InterleavedSettings(
        inputs=[str(folder)], output=str(out), max_image_documents=5, dedup_texts=True
    )
    facts = InterleavedWorkflow(settings=settings).run().metadata
    assert facts["removed_by"] == {"same texts as an earlier document": 3}
    assert facts["images_removed_by"]["picture is in too many documents"] == 3
    assert facts["images_kept"] == 3
    assert not (out / ".cache").exists()


def test_shards_are_joined_to_what_one_run_makes(tmp_path):
    for name in "ab":
        mint(tmp_path / f"in/{name}.tar", (name, LISTS, {"png": picture(seed=ord(name))}))
    given = ["interleaved", tmp_path / "in", "--workers", 1, "--max-rejected-ratio", 1]
    for shard in ("0/2", "1/2"):
        assert command(*given, "-o", tmp_path / "parts", "--shard", shard)[0] == 0
    assert command(*given, "-o", tmp_path / "whole")[0] == 0
    code, said, _ = command("merge", tmp_path / "parts", "-o", tmp_path / "joined")
    assert code == 0
    assert said.endswith("joined: report.html, data/, scores/, run.json\n")
    files = {
        run: {path.name: path.read_bytes() for path in (tmp_path / run / "data").iterdir()}
        for run in ("whole", "joined")
    }
    assert set(files["whole"]) == {"a.tar.parquet", "b.tar.parquet"}
    assert files["whole"] == files["joined"]
