from curator_engine.files.listing import FileInfo
from curator_engine.stages.small_files import MANY, files_of, tasks_of

FILES = MANY + 30


def infos(sizes: list[int], ending: str = ".jsonl") -> list[FileInfo]:
    return [
        FileInfo(path=f"/x/{i:04d}{ending}", name=f"{i:04d}{ending}", size=size, stamp=f"s{i}")
        for i, size in enumerate(sizes)
    ]


def test_few_files_are_not_joined():
    assert tasks_of(infos([10] * MANY), blocksize="32MiB") is None


def test_a_limit_joins_nothing():
    assert tasks_of(infos([10] * 500), blocksize="32MiB", limit=3) is None


def test_compressed_files_are_not_joined():
    assert tasks_of(infos([10] * 500, ".jsonl.gz"), blocksize="32MiB") is None


def test_every_file_is_in_one_task_under_its_number():
    files = infos([10] * 150 + [9_000_000] + [20_000] * 150)
    tasks = tasks_of(files, blocksize="4MB") or []
    given = [each for task in tasks for each in files_of(task)]
    spans = [each.span for each in given if each.data == [files[150].path]]
    assert spans == [(0, 3_000_000), (3_000_000, 6_000_000), (6_000_000, 9_000_000)]
    places = {(e._metadata["file_index"], e._metadata["name"], *e.data, e.stamp) for e in given}
    assert sorted(places) == [(i, f.name, f.path, f.stamp) for i, f in enumerate(files)]
    assert len(tasks) < 20
