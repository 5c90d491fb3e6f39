"""The command `curator-video shots`: the shots of videos, printed, or as a list and a picture in a folder."""

import tempfile
from dataclasses import dataclass
from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.run_into_folder import run_into_folder
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.running.lost_rows import lost_lines
from curator_engine.stages.files import find_inputs
from curator_engine.task import FileGroupTask
from curator_video.pipelines.shots import ShotsWorkflow
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.read_video import ReadVideo
from curator_video.settings import ShotsSettings
from curator_video.shots.shot_network import network_note
from curator_video.shots.write_shots import FoundShots, WriteShots


def run(settings: ShotsSettings, console: Console) -> JobResult:
    """Find the shots of files as the settings say; a file that is no video is said to be none.

    Raises:
        CuratorError: Bad input or options, several videos and no output, weights that are not those
            of the network, a network that is not there, a full disk, an exceeded budget.
    """
    if settings.output:
        return run_into_folder(Shots(settings=settings, console=console))
    listing = find_inputs(settings.inputs, file_format="video")
    if listing.note:
        console.say(listing.note)
    files = listing.files[: settings.limit]
    if len(files) > 1 and not settings.json:
        raise InputError(f"{counted(len(files), 'videos')}; give a folder for their lists with -o.")
    return _print([file.path for file in files], settings, console)


@dataclass(kw_only=True)
class Shots(WorkflowJob[ShotsSettings, ShotsWorkflow]):
    """Lists and pictures in a folder."""

    of = ShotsWorkflow

    def result(self, facts: dict[str, Any]) -> JobResult:
        """How many shots each video has, what could not be read, where the lists are."""
        output, bad = self.settings.output, facts["quarantined"]
        shots: dict[str, int] = facts["shots"]
        lines = [f"{video}: {counted(count, 'shots')}" for video, count in shots.items()]
        lines += [*lost_lines(facts, output), f"lists and pictures in {output}"]
        files = [{"video": video, "num_shots": count} for video, count in shots.items()]
        summary = {"files": files, "unreadable": bad, "output": output}
        return JobResult(summary=summary, lines=lines, exit_code=3 if bad else 0)


def _print(paths: list[str], settings: ShotsSettings, console: Console) -> JobResult:
    """Find the shots of files, and print them."""
    if note := network_note(settings.detector, settings.weights):
        console.warn(note)
    stage = WriteShots(
        output="",
        detector=settings.detector,
        threshold=settings.threshold,
        weights=settings.weights,
        device=settings.device,
    )
    stage.setup()
    facts: list[dict[str, Any]] = []
    lines: list[str] = []
    for path in paths:
        found = _found(path, stage)
        if isinstance(found, str):
            console.warn(f"{path}: {found}")
            facts.append({"video": path, "error": found})
            continue
        if found.note:
            console.warn(f"{path}: {found.note}")
        facts.append({"video": path, "shots": [vars(shot) for shot in found.shots]})
        lines += found.text(settings.format).splitlines()
    unreadable = sum("error" in each for each in facts)
    return JobResult(
        summary={"files": facts, "unreadable": unreadable, "output": ""},
        lines=lines,
        exit_code=3 if unreadable else 0,
    )


def _found(path: str, stage: WriteShots) -> FoundShots | str:
    """The shots of a file; or why it could not be read."""
    with tempfile.TemporaryDirectory(prefix="curator-shots-") as scratch:
        read, analyse = ReadVideo(scratch=scratch), AnalyseVideo(scratch=scratch, motion=False)
        analyse.setup()
        task = read.process(FileGroupTask(data=[path]))
        task = analyse.process(task) if task else None
        if task:
            return stage.find(task.data)
        rejections = [each for part in (read, analyse) for each in part.take_notes()[2]]
        return rejections[0].reason if rejections else "cannot be read"
