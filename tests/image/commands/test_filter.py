from image.runs import copied, data, image, kept, rows_of

SMALL = "width < 300"


def test_without_apply_nothing_changes(finished_images, tmp_path):
    run = copied(finished_images, tmp_path)
    assert image("filter", run, "--where", "width > 300") == 0
    assert kept(run) == data(run) == kept(finished_images)


def test_what_the_condition_drops_leaves_data(finished_images, tmp_path):
    run = copied(finished_images, tmp_path)
    assert image("filter", run, "--where", "sharpness > 400", "--apply") == 0
    rows = rows_of(run)
    want = {p for p in kept(finished_images) if rows[p]["sharpness"] > 400}
    assert kept(run) == data(run) == want < kept(finished_images)


def test_it_comes_back_as_it_was(finished_images, tmp_path):
    run = copied(finished_images, tmp_path)
    image("filter", run, "--where", "width < 0", "--apply")
    assert data(run) == set()
    image("filter", run, "--where", "width > 0", "--restore", "--apply")
    assert kept(run) == kept(finished_images)
    assert {n: (run / "data" / n).read_bytes() for n in data(run)} == {
        n: (finished_images / "data" / n).read_bytes() for n in data(finished_images)
    }


def test_the_input_that_is_gone_changes_nothing(tmp_path, capsys):
    from image.runs import curated

    run = curated(tmp_path)
    before = data(run), kept(run)
    (tmp_path / "photos/3.png").write_bytes(b"other")
    assert image("filter", run, "--where", "width < 0", "--apply") == 2
    assert "nothing was changed" in capsys.readouterr().err
    assert (data(run), kept(run)) == before
