"""What is raised for a recording that cannot be used."""

from curator_engine.errors import DamagedFileError


class AudioError(DamagedFileError):
    """A recording cannot be read, or not from here on.

    Example:
        >>> str(AudioError("a.wav", "it is empty"))
        'a.wav: it is empty'
    """

    def __init__(self, where: str, reason: str) -> None:
        """Of a file, or "the audio" for bytes, with the reason in a few words."""
        super().__init__(where, reason)
        self.where, self.reason = where, reason

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class NoSoundError(AudioError):
    """A video has no audio track: there is nothing to read, and nothing is amiss.

    Example:
        >>> str(NoSoundError("a.mp4", "has no audio track (only video)"))
        'a.mp4: has no audio track (only video)'
    """
