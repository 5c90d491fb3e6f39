"""A run's folders are taken; what others put there, or earlier versions wrote, is known apart."""

import json
import shutil
from pathlib import Path

import pytest
from text_toys import sentence, write_jsonl

from curator_engine.commands.cli import run_app
from curator_engine.errors import InputError
from curator_text.cli import JOBS
from curator_text.pipelines.duplicates_removal import TextDuplicatesRemovalWorkflow
from curator_text.pipelines.exact_dedup import ExactDeduplicationWorkflow
from curator_text.pipelines.fuzzy_dedup import FuzzyDeduplicationWorkflow
from curator_text.pipelines.semantic_dedup import TextSemanticDeduplicationWorkflow

ROWS = [{"id": i, "text": sentence(i % 3)} for i in range(6)]


def main(words):
    return run_app("curator-text", JOBS, version="1", argv=[*words, "--quiet"])


@pytest.fixture
def proj(tmp_path):
    """A project's folder with a corpus, and with files of its own everywhere."""
    write_jsonl(tmp_path / "proj/data/a.jsonl", ROWS)
    return tmp_path / "proj"


def tree(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def put(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"theirs")


WORKFLOWS = {
    "fuzzy": FuzzyDeduplicationWorkflow,
    "exact": ExactDeduplicationWorkflow,
    "semantic": TextSemanticDeduplicationWorkflow,
}


@pytest.mark.parametrize("kind", list(WORKFLOWS))
@pytest.mark.parametrize("remove", [False, True])
def test_a_workflow_never_writes_around_its_input(proj, kind, remove):
    before = tree(proj)
    workflow = WORKFLOWS[kind](
        input_path=f"{proj}/data", output_path=str(proj), perform_removal=remove
    )
    with pytest.raises(InputError, match="overlap"):
        workflow.run()
    assert tree(proj) == before


def test_removal_never_writes_around_its_input(proj):
    before = tree(proj)
    workflow = TextDuplicatesRemovalWorkflow(
        input_path=f"{proj}/data",
        ids_to_remove_path=f"{proj}/data",
        output_path=str(proj),
        input_filetype="jsonl",
        id_field="id",
    )
    with pytest.raises(InputError, match="overlap"):
        workflow.run()
    assert tree(proj) == before


@pytest.mark.parametrize("job", ["fuzzy", "exact", "semantic"])
@pytest.mark.parametrize("option", ["", "--resume", "--overwrite"])
def test_a_command_touches_no_folder_of_others(tmp_path, proj, job, option):
    home = tmp_path / "home"
    put(home / "data/diary.txt", home / ".cache/x", home / "notes")
    before = tree(home)
    assert main([job, f"{proj}/data", "-o", str(home), *filter(None, [option])]) == 2
    assert tree(home) == before


@pytest.mark.parametrize("job", ["fuzzy", "exact", "semantic"])
def test_an_output_that_a_quoted_glob_reads_is_not_emptied(tmp_path, proj, job):
    out = tmp_path / "out"
    assert main([job, f"{proj}/data", "-o", str(out)]) == 0
    before = tree(out)
    assert main([job, f"{out}/data/*.jsonl", "-o", str(out), "--overwrite"]) == 2
    assert tree(out) == before


@pytest.mark.parametrize("job", ["fuzzy", "exact", "semantic"])
def test_files_of_others_in_our_folders_stay(tmp_path, proj, job):
    out, cache = tmp_path / "out", tmp_path / "cache"
    words = [job, f"{proj}/data", "-o", str(out), "--cache", str(cache)]
    assert main(words) == 0
    theirs = [
        *(out / name for name in ("data/t", "removed/t.parquet", "clusters/t", "t", ".cache/t")),
        *(cache / name for name in ("t", "sign/t.npz", "hash/t.npz", "drops/t.npz")),
    ]
    put(*theirs)
    assert main([*words, "--overwrite"]) == 0
    assert main([*words, "--resume"]) == 0
    assert all(path.read_bytes() == b"theirs" for path in theirs)


def test_a_folder_for_a_cache_is_not_one_of_others(tmp_path, proj):
    put(tmp_path / "home/x")
    words = ["fuzzy", f"{proj}/data", "-o", f"{tmp_path}/out", "--cache", f"{tmp_path}/home"]
    assert main(words) == 2


def as_before_manifests(*folders):
    for folder in folders:
        shutil.rmtree(folder / ".curator")


def test_folders_of_earlier_versions_are_adopted(tmp_path, proj, capsys):
    out, cache, index = (tmp_path / name for name in ("out", "cache", "index"))
    words = ["fuzzy", f"{proj}/data", "-o", str(out), "--cache", str(cache)]
    words += ["--save-index", str(index)]
    assert main(words) == 0
    as_before_manifests(out, cache, index)
    put(out / "data/theirs.jsonl", cache / "theirs")
    assert run_app("curator-text", JOBS, version="1", argv=[*words, "--overwrite"]) == 0
    assert "which kept no manifest" in capsys.readouterr().err
    assert (out / "data/theirs.jsonl").read_bytes() == (cache / "theirs").read_bytes() == b"theirs"
    assert (
        Path(out, "data/a.jsonl").read_bytes()
        == (proj / "data/a.jsonl").read_bytes()[: Path(out, "data/a.jsonl").stat().st_size]
    )


def test_a_run_json_of_another_program_makes_no_folder_ours(tmp_path, proj):
    (tmp_path / "home").mkdir()
    (tmp_path / "home/run.json").write_text(json.dumps({"name": "training"}), encoding="utf-8")
    before = tree(tmp_path / "home")
    assert main(["fuzzy", f"{proj}/data", "-o", f"{tmp_path}/home", "--overwrite"]) == 2
    assert tree(tmp_path / "home") == before


@pytest.mark.parametrize(
    ("job", "how"),
    [
        *((job, how) for job in ("fuzzy", "exact") for how in ("elsewhere", "removed by hand")),
        *((job, "overwritten") for job in ("fuzzy", "exact", "semantic")),
    ],
)
def test_a_kept_cache_leaves_nothing_out_of_a_new_result(tmp_path, proj, job, how):
    (proj / "data/b.jsonl").write_text('{"text": "whole"}\n{"text": \n' + '{"text": "w"}\n' * 30)
    out, words = tmp_path / "out", [job, f"{proj}/data", "--cache", f"{tmp_path}/cache"]
    assert main([*words, "-o", str(out)]) == 3
    first = {path for path in tree(out) if ".curator" not in path.parts}
    again = tmp_path / "again" if how == "elsewhere" else out
    if how == "removed by hand":
        shutil.rmtree(out)
    assert main([*words, "-o", str(again), *(["--overwrite"] if how == "overwritten" else [])]) == 3
    assert {path for path in tree(again) if ".curator" not in path.parts} == first
