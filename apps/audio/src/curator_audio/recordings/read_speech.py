"""Entries of the read speech of Microsoft's DNS Challenge 5, with NeMo Curator's name and parameters.

The published archive is the first part of one that is cut into several, 4.9 GB with about 14,000 recordings at
48,000 Hz; it ends in the middle of one, which is left out.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from curator_audio.recordings.fetch_recordings import LARGE, UNFINISHED, fetch_recordings, is_wav
from curator_audio.task import AudioTask, Entry
from curator_engine.errors import InputError
from curator_engine.files.fetch import FetchRules
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import EmptyTask

READ_SPEECH_URL = (
    "https://dnschallengepublic.blob.core.windows.net/dns5archive/V5_training_dataset/"
    "Track1_Headset/read_speech.tgz.partaa"
)
_RATE = 48_000
"""Samples per second of the dataset."""
_FOLDER = "read_speech"
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
    rules: FetchRules = LARGE
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
            folders[:] = [
                each for each in folders if not each.endswith(UNFINISHED) and each[0] != "."
            ]
            found += [folder / each for each in files if is_wav(each)]
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
        folder = Path(self.raw_data_dir) / _FOLDER
        found = fetch_recordings(self.url, folder, rules=self.rules, job=self.name)
        self.log_metric("unpacked", found.recordings)
        self.log_metric("left_out", found.left_out)
        return str(folder)
