"""The frame of commands, with an app of one command: what it gets without writing it."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from curator_engine.commands.cli import JobResult, run_app
from curator_engine.commands.run_into_folder import DryRun, FolderJob
from curator_engine.commands.settings import CommonSettings, Job
from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.kernel_cache import cache_folder
from curator_engine.pipeline import Pipeline
from curator_engine.running.run_record import Wanted, finished_facts, write_record
from curator_engine.stage import ProcessingStage
from curator_engine.stages.files import FilePartitioner
from curator_engine.task import FileGroupTask


@dataclass(frozen=True, kw_only=True)
class LineSettings(CommonSettings):
    """Settings of `lines count`."""

    word: str = ""
    """Count lines with this word only."""


@dataclass(kw_only=True)
class CountLines(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write how many lines of a file have the word."""

    output: str
    word: str

    def process(self, task: FileGroupTask) -> FileGroupTask:
        lines = Path(task.data[0]).read_text(encoding="utf-8").splitlines()
        count = sum(self.word in line for line in lines)
        write_atomic(join(self.output, f"{task._metadata['name']}.count"), str(count).encode())
        return FileGroupTask(data=task.data, _metadata={"count": count})


@dataclass(kw_only=True)
class Count(FolderJob[LineSettings]):
    """Lines of files."""

    name, version = "count", "0.1.0"

    def dry_run(self):
        size = sum(file.size for file in self.files)
        lines = [f"input: {len(self.files)} files"]
        return DryRun(
            lines=lines, seconds=1, memory_bytes=size, disk_bytes=9, summary={"bytes": size}
        )

    @property
    def wanted(self):
        files = [f"{f.path} {f.stamp}" for f in self.files]
        return Wanted(settings={"word": self.settings.word}, defaults={}, files=files)

    def finished(self):
        return finished_facts(self.settings.output, self.wanted) if self.settings.resume else None

    def run(self):
        output = self.settings.output
        files = FilePartitioner(file_paths=self.settings.inputs)
        stages = [files, CountLines(output=output, word=self.settings.word)]
        found = Pipeline("count", stages=stages).run(self.executor)
        facts = {"lines": sum(task._metadata["count"] for task in found), "alarms": ["look at it"]}
        write_record(
            output, {"job": "count", "status": "done", "key": self.wanted.key, "facts": facts}
        )
        return facts

    def result(self, facts):
        return JobResult(summary=facts, lines=[f"{facts['lines']} lines"])


JOB = Job(
    name="count",
    settings=LineSettings,
    run=f"{__name__}:Count",
    help="Count lines.",
    example="lines count a.jsonl -o out",
)


@pytest.fixture
def lines(tmp_path, monkeypatch, capsys):
    """A function that runs `lines count in -o out`: exit code, standard output and error."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text('{"a": 1}\n{"b": 2}\n', encoding="utf-8")
    (tmp_path / "in/b.jsonl").write_text('{"a": 3}\n', encoding="utf-8")
    (tmp_path / "in/note.txt").write_text("x", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*words):
        line = ["count", "in", "-o", "out", "--workers", "1", *words]
        code = run_app("lines", [JOB], version="0.1.0", argv=line)
        return code, *capsys.readouterr()

    return call


def test_the_first_and_the_last_line_and_the_result(lines):
    code, out, err = lines()
    assert (code, out) == (0, "3 lines\n")
    assert "result in out; if stopped, the same command with --resume goes on\n" in err
    assert Path("out/a.jsonl.count").read_text(encoding="utf-8") == "2"


def test_what_was_passed_over_is_said(lines):
    assert "passed over: 1 .txt" in lines()[2]


def test_alarms_are_warnings(lines):
    assert "warning: look at it\n" in lines()[2]


def test_a_dry_run_tells_the_estimate_and_writes_nothing(lines):
    _, out, _ = lines("--dry-run")
    first, estimate, last = out.splitlines()
    assert (first, last) == ("input: 2 files", "nothing was done")
    assert estimate.startswith("estimate: 1 s, 0 MB of memory, 0 MB of disk (")
    assert not Path("out").exists()


def test_a_dry_run_for_programs_holds_the_estimate(lines):
    _, out, _ = lines("--dry-run", "--json")
    assert json.loads(out) == {"bytes": 27, "seconds": 1, "memory_bytes": 27, "disk_bytes": 9}


def test_a_finished_run_is_not_done_again(lines):
    lines()
    written = Path("out/a.jsonl.count").stat()
    code, out, err = lines("--resume")
    assert (code, out) == (0, "3 lines\n")
    assert "out is finished already; nothing to do.\n" in err
    assert Path("out/a.jsonl.count").stat() == written


def test_a_folder_of_the_user_s_is_refused(lines):
    Path("out").mkdir()
    Path("out/diary.txt").write_text("mine", encoding="utf-8")
    code, _, err = lines("--overwrite")
    assert code == 2
    assert "out" in err
    assert [path.name for path in Path("out").iterdir()] == ["diary.txt"]


def test_an_option_of_its_own_counts(lines):
    assert lines("--word", "b")[1] == "1 lines\n"


@pytest.mark.parametrize("is_compiled", [False, True])
def test_that_kernels_are_compiled_first_is_said(lines, tmp_path, monkeypatch, is_compiled):
    monkeypatch.setattr(Count, "has_kernels", True)
    monkeypatch.setattr(
        "curator_engine.kernel_cache.user_cache_path", lambda _: tmp_path / "kernels"
    )
    package = Count.__module__.partition(".")[0]
    cache_folder.cache_clear()
    folder = cache_folder(package)
    assert folder
    if is_compiled:
        (folder / "a.nbi").touch()
    said = "compiling kernels, only this once: about 10 s of CPU time" in lines()[2]
    cache_folder.cache_clear()
    assert said is not is_compiled
