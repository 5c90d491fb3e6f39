"""`curator-video` as a process of its own, on machines that lack things; and what its runs leave."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "curator-video"
QUICK = ("--detector", "content", "--clip-len", "1..4", "--workers", "1")
"""Options for small drawn videos."""
TIMED = ("run.json", "events.jsonl", "report.html", "summary.json")
"""Files that tell times, which differ from run to run."""


@contextmanager
def start(*words, env=None) -> Generator[subprocess.Popen[bytes]]:
    """A running command, the head of a process group that is gone afterwards."""
    with subprocess.Popen(
        [str(PROGRAM), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=env,
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def run(*words, env=None):
    """Run the command: exit code, standard output, standard error."""
    with start(*words, env=env) as process:
        out, err = process.communicate(timeout=600)
    return process.returncode, out.decode(), err.decode()


def bare_machine(folder, hidden=("torch", "transformers", "decord", "torchcodec", "vllm")):
    """The environment of a machine without a GPU, programs such as ffmpeg, and those packages.

    Args:
        folder: An empty one.
        hidden: Packages that cannot be imported, in workers too.
    """
    code = (
        "import sys\n"
        "from importlib.machinery import PathFinder\n\n\n"
        "class Without(PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        f"        hidden = name.partition('.')[0] in {hidden!r}\n"
        "        return None if hidden else PathFinder.find_spec(name, path, target)\n\n\n"
        "sys.meta_path[sys.meta_path.index(PathFinder)] = Without\n"
    )
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    (folder / "programs").mkdir()
    return {
        **os.environ,
        "PYTHONPATH": str(folder),
        "PATH": str(folder / "programs"),
        "CUDA_VISIBLE_DEVICES": "",
    }


def files(out):
    """Paths and bytes of all that a run has written, but for what tells times."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in Path(out).rglob("*")
        if path.is_file() and path.name not in TIMED and ".curator" not in path.parts
    }


def differences(out, other):
    """Files that two runs have not alike, each with the bytes from where it differs; None for no file."""
    ours, theirs = files(out), files(other)
    unlike = {}
    for name in ours.keys() | theirs.keys():
        pair = ours.get(name), theirs.get(name)
        if pair[0] != pair[1]:
            common = zip(pair[0] or b"", pair[1] or b"", strict=False)
            start = next((i for i, (a, b) in enumerate(common) if a != b), 0)
            unlike[name] = [each and each[start : start + 40] for each in pair]
    return unlike


def count_frames(path):
    """Frames of a file's video stream, all of which must decode."""
    import av

    with av.open(str(path)) as file:
        return sum(1 for _ in file.decode(video=0))


def parts(out):
    """How many chunks a running job has written."""
    return len(list(Path(out).glob(".cache/parts/*.parquet")))
