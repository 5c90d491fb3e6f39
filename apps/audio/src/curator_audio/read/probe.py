"""What a file of recordings holds, and what is amiss with it; everything is decoded, so lengths are true."""

from collections import Counter
from dataclasses import dataclass, field

from curator_audio.read.audio_error import AudioError, NoSoundError
from curator_audio.read.decode import open_audio
from curator_audio.read.stored import StoredAudio, kind_of, stored_audio
from curator_engine.errors import UnreadableFileError

MAX_PROBLEMS = 20
"""Of a file that are told one by one."""


@dataclass(kw_only=True)
class AudioProbe:
    """What a file holds."""

    path: str
    kind: str = "recording"
    """recording, list, table or tar."""
    recordings: int = 0
    unusable: int = 0
    """Of them, those that cannot be decoded."""
    seconds: float = 0.0
    """By counted samples; of a span that a list names, its own."""
    codecs: dict[str, int] = field(default_factory=dict[str, int])
    """How many recordings are of each format, codec, rate and number of channels."""
    texts: int = 0
    """Recordings with a text."""
    passed_over: dict[str, int] = field(default_factory=dict[str, int])
    notes: list[str] = field(default_factory=list[str])
    """What is amiss with recordings that can be used, and videos without sound, which are no recordings."""
    problems: list[str] = field(default_factory=list[str])
    more_problems: int = 0
    """Behind the first twenty."""


def probe_audio(path: str) -> AudioProbe:
    """Decode all recordings of a file.

    Raises:
        StorageError: The environment fails.
    """
    tally, codecs = Counter[str](), Counter[str]()
    found = AudioProbe(path=path)
    for stored in stored_audio(path, tally=tally):
        found.recordings += 1
        found.texts += bool(stored.text)
        try:
            codecs[_decoded(stored, found)] += 1
        except NoSoundError as error:
            found.recordings -= 1
            _note(found, stored, error.reason)
        except UnreadableFileError as error:
            found.unusable += 1
            _tell(found, stored, error.reason if isinstance(error, AudioError) else str(error))
    try:
        found.kind = kind_of(path)
    except UnreadableFileError:
        found.kind = "recording"
    found.codecs, found.passed_over = dict(codecs.most_common()), dict(+tally)
    return found


def _decoded(stored: StoredAudio, found: AudioProbe) -> str:
    """Count a recording's seconds; what it is, in words.

    Raises:
        UnreadableFileError: It cannot be decoded.
    """
    if stored.problem:
        raise AudioError(stored.place, stored.problem)
    recording = open_audio(stored.source)
    end = recording.seconds if stored.end_s is None else min(stored.end_s, recording.seconds)
    found.seconds += max(0.0, end - stored.start_s)
    for note in recording.notes:
        _note(found, stored, note)
    channels = f"{recording.channels} channel{'s' * (recording.channels > 1)}"
    return f"{recording.format} {recording.codec} at {recording.rate:,} Hz, {channels}"


def _note(found: AudioProbe, stored: StoredAudio, note: str) -> None:
    if len(found.notes) < MAX_PROBLEMS:
        found.notes.append(note if stored.place == stored.path else f"{stored.place}: {note}")


def _tell(found: AudioProbe, stored: StoredAudio, reason: str) -> None:
    if len(found.problems) < MAX_PROBLEMS:
        here = stored.place == found.path
        found.problems.append(reason if here else f"{stored.place}: {reason}")
    else:
        found.more_problems += 1
