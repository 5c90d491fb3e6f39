"""The command `curator-video shots`: the shots of video files as a list and a picture."""

import tempfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.files.listing import FileInfo
from curator_engine.files.manifest import is_made
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_atomic
from curator_engine.stage import ProcessingStage
from curator_engine.stages.files import find_inputs
from curator_engine.task import FileGroupTask
from curator_video import __version__
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.read_video import ReadVideo
from curator_video.read.track import open_track
from curator_video.settings import ShotsSettings
from curator_video.shots.cuts import Detector
from curator_video.shots.detect import find_cuts
from curator_video.shots.shot_list import Format, ListedShot, list_shots, written
from curator_video.shots.shot_network import Network, load_network, network_note
from curator_video.shots.shot_strip import draw_strip
from curator_video.task import VideoTask


@dataclass(frozen=True, kw_only=True)
class _Listed:
    """What was found in one video."""

    path: str
    framerate: float
    shots: list[ListedShot]
    note: str


def run(settings: ShotsSettings, console: Console) -> JobResult:
    """Find the shots of files as the settings say; a file that is no video is said to be none.

    Raises:
        InputError: A path is missing, nothing matches, there are several videos and no output, or
            the weights are not those of the network.
        ResourceError: The detector needs a network that is not there.
        StorageError: A list cannot be written.
    """
    listing = find_inputs(settings.inputs, file_format="video")
    if listing.note:
        console.say(listing.note)
    files = listing.files
    if not settings.output:
        if len(files) > 1 and not settings.json:
            raise InputError(f"{len(files)} videos; give a folder for their lists with -o.")
        return _run(settings, console, files)
    read = [*settings.inputs, *(file.path for file in files)]
    with take(settings.output, job="shots", version=__version__, mode="share", inputs=read):
        _refuse_foreign(settings, files)
        return _run(settings, console, files)


def _run(settings: ShotsSettings, console: Console, files: list[FileInfo]) -> JobResult:
    detector: Detector = settings.detector
    if note := network_note(detector, settings.weights):
        console.warn(note)
    device: Device = settings.device
    network = load_network(detector, weights=settings.weights, device=device)
    facts: list[dict[str, Any]] = []
    lines: list[str] = []
    names: set[str] = set()
    for file in files:
        with tempfile.TemporaryDirectory(prefix="curator-shots-") as scratch:
            found = _find(file.path, scratch, settings, network, _free_name(file.path, names))
        if isinstance(found, str):
            console.warn(f"{file.path}: {found}")
            facts.append({"video": file.path, "error": found})
            continue
        if found.note:
            console.warn(f"{file.path}: {found.note}")
        facts.append({"video": file.path, "shots": [vars(shot) for shot in found.shots]})
        if settings.output:
            lines.append(f"{file.path}: {len(found.shots):,} shots")
        else:
            text = _text(found, settings.format)
            lines += text.splitlines()
    if settings.output:
        lines.append(f"lists and pictures in {settings.output}")
    unreadable = sum("error" in each for each in facts)
    return JobResult(
        summary={"files": facts, "unreadable": unreadable, "output": settings.output},
        lines=lines,
        exit_code=3 if unreadable else 0,
    )


def _find(
    path: str, scratch: str, settings: ShotsSettings, network: Network | None, name: str
) -> _Listed | str:
    """The shots of a file, written if there is an output; or why it could not be read."""
    task = _track(path, scratch)
    if isinstance(task, str):
        return task
    track = open_track(task.data.track)
    cuts = find_cuts(
        track.thumbs,
        detector=settings.detector,
        threshold=settings.threshold,
        network=network,
        rate=track.rate,
    )
    listed = _Listed(
        path=path,
        framerate=task.data.metadata.framerate,
        shots=list_shots(cuts, track),
        note=track.error,
    )
    if settings.output:
        form: Format = settings.format
        with open_atomic(join(settings.output, f"{name}.{form}")) as file:
            file.write(_text(listed, form).encode())
        with open_atomic(join(settings.output, f"{name}.png")) as file:
            draw_strip(track.thumbs, cuts).save(file, format="PNG", optimize=True)
    return listed


def _track(path: str, scratch: str) -> VideoTask | str:
    """A task with the video's track, by the stages of `split`; or why there is none."""
    read: ProcessingStage[FileGroupTask, VideoTask] = ReadVideo(scratch=scratch)
    analyse = AnalyseVideo(scratch=scratch, motion=False)
    analyse.setup()
    task = read.process(FileGroupTask(data=[path]))
    task = analyse.process(task) if task else None
    if task:
        return task
    rejections = [each for stage in (read, analyse) for each in stage.take_notes()[2]]
    return rejections[0].reason if rejections else "cannot be read"


def _text(found: _Listed, form: Format) -> str:
    return written(found.shots, form=form, path=found.path, framerate=found.framerate)


def _refuse_foreign(settings: ShotsSettings, files: list[FileInfo]) -> None:
    """Make sure, before any work, that no list or picture would be written over a file of others."""
    names: set[str] = set()
    for file in files:
        name = _free_name(file.path, names)
        for path in (join(settings.output, f"{name}.{e}") for e in (settings.format, "png")):
            if exists(path) and not is_made(path):
                raise InputError(
                    f"{path} is there and was not made by us; move it away, or choose another -o."
                )


def _free_name(path: str, taken: set[str]) -> str:
    """A name for the files of a video, unlike those of the videos before."""
    stem = PurePosixPath(path).stem
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name)
    return name
