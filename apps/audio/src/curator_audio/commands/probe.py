"""The command `curator-audio probe`: what files of recordings hold, and what is amiss with them."""

from dataclasses import asdict

from curator_audio.read.probe import AudioProbe, probe_audio
from curator_audio.settings import ProbeSettings
from curator_engine.commands.cli import Console, JobResult
from curator_engine.counted import counted
from curator_engine.stages.files import find_inputs


def run(settings: ProbeSettings, console: Console) -> JobResult:
    """Decode files as the settings say; what is no recording is said to be none.

    Raises:
        InputError: A path is missing or nothing matches.
        StorageError: A remote file cannot be reached.
    """
    listing = find_inputs(settings.inputs, file_format="audio")
    if listing.note:
        console.say(listing.note)
    found = [probe_audio(file.path) for file in listing.files]
    lines = [line for each in found for line in (each.path, *map("  {}".format, _describe(each)))]
    recordings, unusable = (sum(getattr(f, n) for f in found) for n in ("recordings", "unusable"))
    amiss = sum(bool(each.problems) for each in found)
    seconds = sum(each.seconds for each in found)
    if len(found) > 1:
        lines.append(
            f"{counted(len(found), 'files')}, {counted(recordings, 'recordings')} of {seconds:,.1f} s, {unusable:,} of them "
            f"cannot be used; {counted(amiss, 'files')} with problems"
        )
    summary = {
        "files": [asdict(each) for each in found],
        "recordings": recordings,
        "seconds": round(seconds, 3),
        "unusable": unusable,
        "files_with_problems": amiss,
        "passed_over": listing.passed_over,
    }
    return JobResult(summary=summary, lines=lines, exit_code=3 if amiss else 0)


def _describe(found: AudioProbe) -> list[str]:
    """What is in a file, in lines."""
    lines: list[str] = []
    if found.recordings > found.unusable:
        what = f"{found.kind} of {counted(found.recordings, 'recordings')}, " * (
            found.kind != "recording"
        )
        kinds = ", ".join(found.codecs)
        lines.append(f"{what}{kinds}, {found.seconds:,.3f} s")
    if found.texts:
        lines.append(f"texts: {found.texts:,} of {counted(found.recordings, 'recordings')}")
    lines += [f"passed over: {count:,} {name}" for name, count in found.passed_over.items()]
    lines += [f"note: {note}" for note in found.notes]
    lines += [f"problem: {each}" for each in found.problems]
    return lines + [f"problems: {found.more_problems:,} more"] * bool(found.more_problems)
