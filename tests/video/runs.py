"""Runs of `curator-video split` on drawn videos, for the tests of what looks at runs."""

import dataclasses
from pathlib import Path

from pages import ATTACK
from video.media import Shot, draw_video

from curator_engine.commands.cli import Console
from curator_video.commands.split import Split
from curator_video.settings import SplitSettings

HOSTILE = f'<img src=x onerror="{ATTACK}">'.replace("/", "")
"""As the name of a file: what a page must show and not run."""
SIZE = (160, 90)


def draw_inputs(folder: Path) -> Path:
    """Two videos that share a shot, one of them with a shot that stands still, and a file of text."""
    (folder / "sub").mkdir(parents=True)
    draw_video(folder / "one.mp4", [(1, 48), (2, 48), (3, 12)], size=SIZE, audio=True)
    still = Shot(seed=5, frames=36, speed=0, colour=(90, 120, 150))
    draw_video(folder / "sub" / f"{HOSTILE}.mp4", [(1, 48), still], size=SIZE)
    (folder / "broken.mp4").write_text("no video at all", encoding="utf-8")
    return folder


def settings(source: Path, out: Path | str, **changes) -> SplitSettings:
    """Settings that are quick: one worker, a detector without a network, short clips."""
    base = SplitSettings(
        inputs=[str(source)],
        output=str(out),
        detector="content",
        clip_len="1..4",
        motion="filter",
        workers=1,
        quiet=True,
    )
    return dataclasses.replace(base, **changes)


def split(source: Path, out: Path | str, **changes):
    """Run the command's function; its result."""
    return Split.as_command(settings(source, out, **changes), Console(quiet=True))
