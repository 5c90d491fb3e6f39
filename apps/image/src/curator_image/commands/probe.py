"""The command `curator-image probe`: what files of pictures hold, and what is amiss with them."""

from collections.abc import Mapping
from dataclasses import asdict

from curator_engine.commands.cli import Console, JobResult
from curator_engine.counted import counted
from curator_engine.stages.files import find_inputs
from curator_image.read.probe import ImageProbe, probe_images
from curator_image.settings import ProbeSettings


def run(settings: ProbeSettings, console: Console) -> JobResult:
    """Look at files as the settings say; what is no picture is said to be none.

    Raises:
        InputError: A path is missing or nothing matches.
        StorageError: A remote file cannot be reached.
    """
    listing = find_inputs(settings.inputs, file_format="image")
    if listing.note:
        console.say(listing.note)
    found = [probe_images(file.path) for file in listing.files]
    lines = [line for each in found for line in (each.path, *map("  {}".format, _describe(each)))]
    pictures, unusable = (sum(getattr(f, n) for f in found) for n in ("pictures", "unusable"))
    amiss = sum(bool(each.problems) for each in found)
    if len(found) > 1 or found[0].kind != "picture":
        lines.append(
            f"{counted(len(found), 'files')}, {counted(pictures, 'pictures')}, {unusable:,} of them cannot be used; "
            f"{counted(amiss, 'files')} with problems"
        )
    summary = {
        "files": [asdict(each) for each in found],
        "pictures": pictures,
        "unusable": unusable,
        "files_with_problems": amiss,
        "passed_over": listing.passed_over,
    }
    return JobResult(summary=summary, lines=lines, exit_code=3 if amiss else 0)


def _describe(found: ImageProbe) -> list[str]:
    """What is in a file, in lines."""
    lines = []
    if found.picture:
        [kind], [mode] = found.formats, found.modes
        lines.append(f"{kind}, {found.num_bytes:,} bytes, {found.largest}, mode {mode}")
        if (turn := found.picture["orientation"]) != 1:
            lines.append(f"turned or mirrored, as EXIF's orientation {turn} says")
        if (frames := found.picture["frames"]) > 1:
            lines.append(f"{frames:,} frames or pages, of which the first counts")
        if profile := found.picture["profile"]:
            lines.append(f"colour profile: {profile}")
        if found.captions:
            lines.append("has a caption beside it")
    elif found.kind == "picture":
        lines.append(f"{found.num_bytes:,} bytes, which cannot be used as a picture")
    elif found.pictures:
        sizes = f", from {found.smallest} to {found.largest}" if found.smallest else ""
        lines.append(
            f"{found.kind} of {counted(found.pictures, 'pictures')}, {found.num_bytes:,} bytes{sizes}"
        )
        lines += _counted("formats", found.formats) + _counted("modes", found.modes)
        lines.append(f"captions: {found.captions:,} of {counted(found.pictures, 'pictures')}")
    if found.fields:
        lines.append(f"fields: {', '.join(found.fields)}")
    lines += _counted("passed over", found.passed_over)
    for note, count in found.notes.items():
        lines.append(f"note: {note}" + ("" if found.picture else f" ({count:,})"))
    lines += [f"problem: {each}" for each in found.problems]
    return lines + [f"problems: {found.more_problems:,} more"] * bool(found.more_problems)


def _counted(title: str, counts: Mapping[str, int]) -> list[str]:
    each = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return [f"{title}: {each}"] if each else []
