"""Entries of the read speech of Microsoft's DNS Challenge 5, with NeMo Curator's name and parameters.

The published archive is the first part of one that is cut into several, 4.9 GB with about 14,000 recordings at
48,000 Hz; it ends in the middle of one, which is left out.
"""

import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from curator_audio.task import AudioTask, Entry
from curator_engine.errors import DamagedFileError, InputError
from curator_engine.files import manifest
from curator_engine.files.fetch import FetchRules
from curator_engine.files.fetch_file import fetch_patiently
from curator_engine.files.output_folder import take
from curator_engine.files.storage import remove_tree, storage_errors, write_atomic
from curator_engine.files.tar_members import tar_members
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import EmptyTask

READ_SPEECH_URL = (
    "https://dnschallengepublic.blob.core.windows.net/dns5archive/V5_training_dataset/"
    "Track1_Headset/read_speech.tgz.partaa"
)
_RATE = 48_000
"""Samples per second of the dataset."""
_FOLDER, _SCRATCH, _WAVS = "read_speech", "read_speech.unfinished", "wavs"
_FEWEST_PARTS = 6
"""Of a name that says book, chapter and reader."""


@positional(
    *("raw_data_dir", "max_samples", "auto_download", "filepath_key", "text_key"),
    *("name", "batch_size"),
)
@dataclass(kw_only=True)
class CreateInitialManifestReadSpeechStage(ProcessingStage[EmptyTask, AudioTask]):
    """Make an entry of each recording in a folder, by name; fetch the dataset into it if there is none.

    Book and reader come from the names, such as `book_00025_chp_0019_reader_04069_0_seg_1.wav`; there are no
    texts. What is fetched gets into `read_speech/`, which is there once all of it is.

    Example:
        CreateInitialManifestReadSpeechStage("dns", max_samples=100, auto_download=False)
    """

    name: str = "CreateInitialManifestReadSpeech"
    raw_data_dir: str
    """The folder; recordings may lie in folders in it."""
    max_samples: int = 5000
    """Recordings, at most; -1 for all."""
    auto_download: bool = True
    """Fetch the dataset if the folder has no recordings."""
    filepath_key: str = "audio_filepath"
    """Key of the path in the entries."""
    text_key: str = "text"
    """Key of the text, which is empty."""
    url: str = READ_SPEECH_URL
    """What is fetched: a tar, compressed or not."""
    rules: FetchRules = field(
        default_factory=lambda: FetchRules(max_bytes=16 << 30, total_s=24 * 3600.0, retries=5)
    )
    """The limits of fetching."""
    fan_out: ClassVar[bool] = True

    def outputs(self) -> tuple[list[str], list[str]]:
        """What an entry says."""
        return [], [self.filepath_key, self.text_key, "sample_rate", "book_id", "reader_id"]

    def process(self, task: EmptyTask) -> list[AudioTask]:
        """The entries, in the order of their paths.

        Raises:
            InputError: There are no recordings, and they are not to be fetched, or cannot be.
            StorageError: They cannot be written.
        """
        entries = self.collect_audio_files(self.raw_data_dir)
        if not entries and self.auto_download:
            entries = self.collect_audio_files(self.download_and_extract())
        if not entries:
            raise InputError(
                f"{self.raw_data_dir} has no .wav files; set auto_download=True, or fetch {self.url} and "
                "unpack it there."
            )
        return [
            AudioTask(data=entry, dataset_name="DNS-ReadSpeech", filepath_key=self.filepath_key)
            for entry in self.select_samples(entries)
        ]

    def collect_audio_files(self, search_dir: str) -> list[dict[str, Any]]:
        """The entries of all WAV files in a folder and those in it."""
        found: list[Path] = []
        for folder, folders, files in Path(search_dir).walk():
            folders[:] = [each for each in folders if each != _SCRATCH and each[0] != "."]
            found += [folder / each for each in files if _is_wav(each)]
        entries: list[dict[str, Any]] = []
        for path in sorted(found):
            known = self.parse_filename(path.name)
            entries.append(
                Entry(
                    {self.filepath_key: str(path.absolute()), self.text_key: ""},
                    sample_rate=_RATE,
                    book_id=known["book_id"],
                    reader_id=known["reader_id"],
                )
            )
        return entries

    def parse_filename(self, filename: str) -> dict[str, str]:
        """Book, chapter and reader by a file's name; empty where it does not say them.

        Example:
            >>> CreateInitialManifestReadSpeechStage("dns").parse_filename("short.wav")
            {'book_id': '', 'chapter': '', 'reader_id': ''}
        """
        parts = PurePosixPath(filename).stem.split("_")
        after = dict(pairwise(parts)) if len(parts) >= _FEWEST_PARTS else {}
        names = {"book_id": "book", "chapter": "chp", "reader_id": "reader"}
        return {name: after.get(part, "") for name, part in names.items()}

    def select_samples(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The first of them, as many as are asked for."""
        return entries[: self.max_samples] if self.max_samples > 0 else entries

    def download_and_extract(self) -> str:
        """Fetch the dataset and unpack its recordings; gives their folder.

        An archive of which a part is there is gone on with.

        Raises:
            InputError: It cannot be fetched, or holds no recordings.
            StorageError: Something cannot be written.
        """
        home = Path(self.raw_data_dir)
        scratch, folder = home / _SCRATCH, home / _FOLDER
        with take(str(scratch), job=self.name):
            if not self._unpack(self._archive(scratch), scratch / _WAVS):
                raise InputError(f"{self.url} holds no .wav files; check the address.")
            with storage_errors(str(folder), "writing"):
                (scratch / _WAVS).rename(folder)
            remove_tree(str(scratch))
        shutil.rmtree(scratch / manifest.FOLDER, ignore_errors=True)
        with suppress(OSError):
            scratch.rmdir()
        return str(folder)

    def _archive(self, folder: Path) -> Path:
        """The fetched archive, which has its name once all of it is there."""
        archive, part = folder / "archive", folder / "archive.part"
        if archive.exists():
            return archive
        for path in (archive, part):
            manifest.note(str(path))
        with storage_errors(str(archive), "writing"):
            fetched = fetch_patiently(self.url, part, self.rules)
            if fetched.reason:
                raise InputError(
                    f"{self.url} cannot be fetched: {fetched.reason}. Run again, or fetch it elsewhere and "
                    f"unpack it into {self.raw_data_dir}."
                )
            part.rename(archive)
        return archive

    def _unpack(self, archive: Path, target: Path) -> int:
        """Write the recordings of a tar, each under its name alone; gives how many."""
        names, left_out = set[str](), 0
        # The published file ends in the middle of a recording: those before it are whole.
        with suppress(DamagedFileError):
            for member in tar_members(str(archive)):
                name = PurePosixPath(member.name).name
                if not _is_wav(name):
                    continue
                if member.problem or name in names:
                    left_out += 1
                    continue
                names.add(name)
                write_atomic(str(target / name), member.data)
        self.log_metric("unpacked", len(names))
        self.log_metric("left_out", left_out)
        return len(names)


def _is_wav(name: str) -> bool:
    return name.lower().endswith(".wav") and not name.startswith(".")
