"""The command `curator-video probe`: what video files hold, and what is amiss with them."""

import tempfile
from dataclasses import asdict
from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.counted import counted
from curator_engine.files.listing import FileInfo
from curator_engine.files.paths import is_remote, join
from curator_engine.stages.files import find_inputs
from curator_video.read.container import VideoError
from curator_video.read.probe import Probe, StreamFacts, probe_video
from curator_video.read.read_video import local_file
from curator_video.settings import ProbeSettings
from curator_video.task import Video


def run(settings: ProbeSettings, console: Console) -> JobResult:
    """Look at files as the settings say; a file that is no video is said to be none.

    Raises:
        InputError: A path is missing or nothing matches.
        StorageError: A remote file cannot be copied.
    """
    facts: list[dict[str, Any]] = []
    lines: list[str] = []
    listing = find_inputs(settings.inputs, file_format="video")
    if listing.note:
        console.say(listing.note)
    for file in listing.files:
        try:
            found = _probe(file)
        except VideoError as error:
            facts.append({"path": file.path, "error": str(error)})
            lines += [file.path, f"  {error}"]
            continue
        facts.append({**asdict(found), "path": file.path})
        lines += [file.path, *(f"  {line}" for line in _describe(found))]
    unreadable = sum("error" in each for each in facts)
    if len(facts) > 1:
        lines.append(
            f"{counted(len(facts), 'files')}, {unreadable:,} of them cannot be used as a video"
        )
    return JobResult(
        summary={"files": facts, "unreadable": unreadable},
        lines=lines,
        exit_code=3 if unreadable else 0,
    )


def _probe(file: FileInfo) -> Probe:
    """Look at a file; a remote one is copied for that long."""
    if not is_remote(file.path):
        return probe_video(file.path)
    with tempfile.TemporaryDirectory() as folder:
        return probe_video(local_file(Video(path=file.path, local_path=join(folder, "video"))))


def _describe(found: Probe) -> list[str]:
    meta = found.metadata
    lines = [
        f"{meta.container}, {meta.size:,} bytes, {meta.duration:.3f} s",
        *(_stream_line(each, found) for each in found.streams),
    ]
    rate = "varies, " if found.variable_frame_rate else ""
    lines.append(
        f"frames: {meta.num_frames:,}, {rate}{meta.framerate:.3f} per second, "
        f"at most {found.longest_gap:.3f} s each, from {meta.start_time:.3f} s"
    )
    lines.append(f"key frames: {found.key_frames:,}, at most {found.longest_key_gap:.3f} s apart")
    if meta.rotation or meta.mirrored:
        mirrored = "mirrored, " if meta.mirrored else ""
        lines.append(f"{mirrored}turned by {meta.rotation} degrees to {meta.width}x{meta.height}")
    if found.pixel_aspect != 1:
        lines.append(f"pixels are {found.pixel_aspect:.4f} times as wide as high")
    if found.hdr:
        lines.append(f"high dynamic range: {found.hdr}")
    return lines + [f"problem: {each}" for each in found.problems]


def _stream_line(stream: StreamFacts, found: Probe) -> str:
    parts = [f"stream {stream.number}: {stream.kind}", stream.codec or "of an unknown codec"]
    if stream.number == found.metadata.stream:
        parts += [found.metadata.pixel_format, f"{found.metadata.bit_rate_k:,} kbit/s"]
    if stream.width:
        parts.append(f"{stream.width}x{stream.height}")
    if stream.sample_rate:
        parts.append(f"{stream.sample_rate} Hz, {stream.channels} channels")
    parts += [stream.language] if stream.language not in ("", "und") else []
    parts += ["cover"] if stream.is_picture else []
    best = len([each for each in found.streams if each.kind == "video"]) > 1
    parts += ["(taken)"] if best and stream.number == found.metadata.stream else []
    return " ".join(parts)
