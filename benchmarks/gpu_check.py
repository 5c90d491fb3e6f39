"""Run everything that is written for GPUs on one, and compare it with the CPU.

Run it with `make gpu-check`, or with any Python that has torch:

    python3 benchmarks/gpu_check.py [--quick] [--only NAME ...] [--device cpu] [--out FOLDER]

Each part runs in a process of its own with a time limit. Writes `gpu-report.json` and `gpu-report.md`.
Which packages it needs is in docs/gpu.md. `--device cpu` lets torch's CPU stand in for a GPU, with
little to do.
"""

import argparse
import importlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_SOURCES = [
    _ROOT / "packages/engine/src",
    *sorted(_ROOT.glob("apps/*/src")),
    # Its tiny models.
    _ROOT / "tests",
]
_COLUMNS = ("part", "case", "ran", "agreement", "rate", "cpu", "floor", "note")
_TITLES = ("part", "what", "ran", "agreement", "rate", "CPU here", "x floor", "note")


@dataclass(frozen=True)
class _Part:
    function: str
    """`module:function` among `gpu_parts`."""
    seconds: float
    """Its limit."""
    needs: tuple[str, ...] = ()
    """Modules without which it cannot run."""
    is_quick: bool = True
    """Whether `--quick` runs it."""
    on_cpu: bool = True
    """Whether torch's CPU can stand in."""


_PARTS = {
    "signatures": _Part("signatures:check_signatures", 110, ("torch", "numba")),
    "kmeans": _Part("vectors:check_kmeans", 60, ("torch",)),
    "pairwise": _Part("vectors:check_pairwise", 45, ("torch",)),
    "transnetv2": _Part("networks:check_transnetv2", 45, ("torch",)),
    "classifiers": _Part(
        "classifiers:check_classifiers", 60, ("torch", "transformers"), is_quick=False
    ),
    "guards": _Part("classifiers:check_guards", 60, ("torch", "transformers"), is_quick=False),
    "clip": _Part("networks:check_clip", 60, ("torch", "transformers"), is_quick=False),
    "images": _Part("images:check_images", 60, ("torch", "transformers"), is_quick=False),
    "sentences": _Part(
        "networks:check_sentences", 60, ("torch", "sentence_transformers"), is_quick=False
    ),
    "captions": _Part(
        "networks:check_captions", 60, ("torch", "transformers", "torchvision"), is_quick=False
    ),
    "speech": _Part("speech:check_speech", 60, ("torch", "transformers"), is_quick=False),
    "nvenc": _Part("codecs:check_nvenc", 30, ("av",), on_cpu=False),
    "nvdec": _Part("codecs:check_nvdec", 30, ("av",), on_cpu=False),
    "sharing": _Part("limits:check_sharing", 60, ("torch",), is_quick=False, on_cpu=False),
    "memory": _Part(
        "limits:check_full_memory", 60, ("torch", "transformers"), is_quick=False, on_cpu=False
    ),
    "tests": _Part("suite:check_tests", 180, ("pytest", "mmh3"), is_quick=False, on_cpu=False),
    "cudf": _Part("rapids:check_cudf", 60, ("pylibcudf",), on_cpu=False),
    "cugraph": _Part("rapids:check_cugraph", 60, ("pylibcugraph", "cupy"), on_cpu=False),
    "pools": _Part("cluster:check_pools", 120, ("ray",), is_quick=False, on_cpu=False),
    "shuffle": _Part("rapids:check_shuffle", 60, ("rapidsmpf", "pylibcudf"), on_cpu=False),
    "cuml": _Part("rapids:check_cuml", 90, ("ray", "cuml", "pylibraft", "raft_dask"), on_cpu=False),
}


def main() -> int:
    """Run the parts; the exit code is 0 if none failed."""
    options = _options()
    sys.path[:0] = [str(each) for each in _SOURCES]
    if options.part:
        return _run_part(options)
    start = time.monotonic()
    wanted = options.only or list(_PARTS)
    rows: list[dict[str, str]] = []
    facts: dict[str, Any] = {"python": platform.python_version(), "device": options.device}
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "setting.json"
        setting: dict[str, Any] = {"device": options.device, "quick": options.quick, "rates": {}}
        given.write_text(json.dumps(setting), encoding="utf-8")
        if why := _no_device(options.device):
            rows = [_row(name, ran=why) for name in wanted]
        else:
            found = _apart("probe", given, 90)
            rows += found["rows"]
            facts |= found.get("facts", {})
            given.write_text(
                json.dumps(setting | {"rates": found.get("rates", {})}), encoding="utf-8"
            )
            for name in wanted:
                part = _apart(name, given, _PARTS[name].seconds, options=options)["rows"]
                rows += part
                if options.verbose:
                    print(*map(_told, part), sep="\n", flush=True)
    facts["seconds"] = round(time.monotonic() - start, 1)
    _write(options.out, facts, rows)
    return 1 if any(_has_failed(row) for row in rows) else 0


def _options() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    reader.add_argument("--device", choices=("gpu", "cpu"), default="gpu")
    reader.add_argument("--only", nargs="+", choices=list(_PARTS), metavar="NAME")
    reader.add_argument("--quick", action="store_true", help="90 seconds, and less of each part")
    reader.add_argument("--out", type=Path, default=Path("bench-out/gpu"))
    reader.add_argument("--verbose", action="store_true", help="show each part's rows at once")
    reader.add_argument("--part", help=argparse.SUPPRESS)
    reader.add_argument("--given", type=Path, help=argparse.SUPPRESS)
    return reader.parse_args()


def _no_device(device: str) -> str:
    if device == "cpu":
        return "" if find_spec("torch") else "not installed: torch"
    device_module = importlib.import_module("curator_engine.device")
    return "" if device_module.has_gpu() else "no device"


def _apart(
    name: str, given: Path, seconds: float, options: argparse.Namespace | None = None
) -> dict[str, Any]:
    """What a part found, run in a process of its own."""
    if options is not None:
        part = _PARTS[name]
        if options.device == "cpu" and not part.on_cpu:
            return {"rows": [_row(name, ran="needs a GPU")]}
        if options.quick and not part.is_quick and not options.only:
            return {"rows": [_row(name, ran="left out by --quick")]}
        missing = [module for module in part.needs if find_spec(module) is None]
        if missing:
            return {"rows": [_row(name, ran=f"not installed: {', '.join(missing)}")]}
    answer = given.with_name(f"{name}.json")
    answer.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--part", name, "--given", str(given)]
    paths = [*map(str, _SOURCES), str(_ROOT / "benchmarks"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    if json.loads(given.read_text(encoding="utf-8"))["device"] == "cpu":
        # Few cores take longer than a GPU.
        environment["TRITON_INTERPRET"], seconds = "1", 4 * seconds
    with tempfile.TemporaryFile() as log:
        start = time.monotonic()
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            code = process.wait(seconds)
            why = f"failed: exit {code}"
        except subprocess.TimeoutExpired:
            why = f"failed: not done after {seconds:.0f} s"
        # What it has started goes with it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.seek(0)
        text = log.read().decode(errors="replace")
    found: dict[str, Any] = (
        json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else {"rows": []}
    )
    if not answer.exists():
        lines = [line for line in text.splitlines() if line.strip()]
        found["rows"] = [_row(name, ran=why, note=" | ".join(lines[-3:])[-400:])]
        print(text[-4000:], file=sys.stderr)
    for row in found["rows"]:
        row["part"] = name
    print(f"{name}: {time.monotonic() - start:.1f} s", flush=True)
    return found


def _run_part(options: argparse.Namespace) -> int:
    """Run one part here, and write what it found beside the setting."""
    part_module = importlib.import_module("gpu_parts.part")
    given = json.loads(options.given.read_text(encoding="utf-8"))
    setting = part_module.Setting(**given)
    found: dict[str, Any] = {}
    if options.part == "probe":
        probe = importlib.import_module("gpu_parts.probe")
        found["facts"], found["rates"] = probe.facts(), probe.measure(setting)
        setting = part_module.Setting(**given | {"rates": found["rates"]})
        rows = probe.probe(setting)
    else:
        module, function = _PARTS[options.part].function.split(":")
        rows = getattr(importlib.import_module(f"gpu_parts.{module}"), function)(setting)
    found["rows"] = [asdict(row) for row in rows]
    answer = options.given.with_name(f"{options.part}.json")
    answer.write_text(json.dumps(found), encoding="utf-8")
    return 0


def _row(part: str, *, ran: str, note: str = "") -> dict[str, str]:
    return dict.fromkeys(_COLUMNS, "") | {"part": part, "ran": ran, "note": note}


def _has_failed(row: dict[str, str]) -> bool:
    return row["ran"].startswith(("failed", "exit"))


def _told(row: dict[str, str]) -> str:
    shown = [row[name] for name in _COLUMNS if row[name] and (name, row[name]) != ("ran", "yes")]
    return "  ".join(shown)


def _write(folder: Path, facts: dict[str, Any], rows: list[dict[str, str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    report = {"facts": facts, "rows": rows}
    (folder / "gpu-report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    lines = [f"{name}: {value}" for name, value in facts.items()]
    lines += ["", f"| {' | '.join(_TITLES)} |", "|---" * len(_TITLES) + "|"]
    for row in rows:
        cells = [str(row[name]).replace("|", "/").replace("\n", " ") for name in _COLUMNS]
        lines.append(f"| {' | '.join(cells)} |")
    (folder / "gpu-report.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(*map(_told, rows), sep="\n")
    failed = sum(map(_has_failed, rows))
    print(f"{len(rows)} rows, {failed} failed, {facts['seconds']} s; see {folder}/gpu-report.md")


if __name__ == "__main__":
    sys.exit(main())
