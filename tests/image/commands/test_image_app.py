import json

from image.runs import copied, image, kept


def test_the_counts_follow_the_marks(finished_images, tmp_path):
    run = copied(finished_images, tmp_path)
    image("filter", run, "--where", "sharpness > 400", "--apply")
    facts = json.loads((run / "run.json").read_text(encoding="utf-8"))["facts"]
    assert facts["kept"] == len(kept(run))
    assert facts["kept"] + facts["dropped"] + facts["unreadable"] == facts["images"]


def test_a_filter_brings_no_copy_back(finished_images, tmp_path):
    run = copied(finished_images, tmp_path)
    image("filter", run, "--where", "width > 0", "--restore", "--apply")
    assert kept(run) == kept(finished_images)
