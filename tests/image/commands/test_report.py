from image.runs import copied, image


def test_the_page_is_written_again(finished_images, tmp_path):
    run = copied(finished_images, tmp_path)
    (run / "report.html").unlink()
    assert image("report", run) == 0
    assert "<h1>Images</h1>" in (run / "report.html").read_text(encoding="utf-8")
