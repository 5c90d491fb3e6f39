import pyarrow.parquet as pq

from curator_engine.stages.small_files import task_of
from curator_image.images.list_urls import URLS, ListUrls


def listed(tmp_path, text, **options):
    (tmp_path / "l.csv").write_text(text)
    stage = ListUrls(parts=str(tmp_path / "parts"), **options)
    return stage, list(stage.process(task_of([(str(tmp_path / "l.csv"), "l.csv", "s")])))


def test_a_list_is_cut_into_parts_in_its_order(tmp_path):
    _, tasks = listed(tmp_path, "url,n\n" + "".join(f"u{i},{i}\n" for i in range(5)), per_part=2)
    tables = [pq.read_table(task.data[0]) for task in tasks]
    assert [table.column("url").to_pylist() for table in tables] == [
        ["u0", "u1"],
        ["u2", "u3"],
        ["u4"],
    ]
    assert (tables[2].schema, tables[2].column("row").to_pylist()) == (URLS, [4])
    assert tables[0].column("fields")[1].as_py() == '{"url": "u1", "n": "1"}'


def test_parts_that_no_finished_task_stands_for_go(tmp_path, monkeypatch):
    from curator_engine.files.output_folder import take

    with take(str(tmp_path / "parts"), job="x"):
        stage, tasks = listed(tmp_path, "url\na\nb\n", per_part=1)
        stage.resume(frozenset([tasks[0].data[0]]))
    assert [p.name for p in (tmp_path / "parts").glob("*.parquet")] == ["000000-000000.parquet"]
