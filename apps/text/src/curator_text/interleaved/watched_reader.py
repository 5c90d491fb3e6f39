"""PDF files and pictures, read in a process that is watched: one that kills it, or takes too long, costs itself only."""

from dataclasses import asdict, dataclass, field
from itertools import accumulate, groupby

from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.picture_measures import Measures, Wanted
from curator_text.interleaved.sent_documents import from_message
from curator_text.read.served_process import Facts, Message
from curator_text.read.watched_process import NoAnswerError, WatchedProcess


@dataclass(kw_only=True)
class WatchedReader:
    """Reads PDF files and measures pictures in a process of its own.

    Example:
        >>> with WatchedReader() as reader:
        ...     reader.pdf(Path("a.pdf").read_bytes(), "a.pdf").count("image")
        3
    """

    wanted: Wanted = field(default_factory=Wanted)
    """What is measured of pictures."""
    timeout_s: float = 60.0
    """Seconds for a PDF file, and for the pictures of a file."""
    memory_bytes: int = 4 << 30
    """Addresses that the process may use."""
    process: WatchedProcess = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.process = WatchedProcess(
            module="curator_text.interleaved.document_process",
            given=asdict(self.wanted),
            timeout_s=self.timeout_s,
            memory_bytes=self.memory_bytes,
        )

    def __enter__(self) -> "WatchedReader":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def pdf(self, data: bytes, id: str) -> Document:
        """The document in a PDF file.

        Raises:
            ValueError: It cannot be read; why.
            StageError: No process can be begun.
        """
        return from_message(*self._asked({"do": "pdf", "id": id}, data))

    def pages(self, data: bytes, *, dpi: int, max_pages: int) -> list[bytes]:
        """The first pages of a PDF file as PNG files; none if it is no PDF.

        Raises:
            ValueError: It cannot be read; why.
            StageError: No process can be begun.
        """
        facts, files = self._asked({"do": "pages", "dpi": dpi, "max_pages": max_pages}, data)
        ends = list(accumulate(facts["sizes"]))
        return [files[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def measure(self, parts: list[Part]) -> list[Measures | str]:
        """The measures of pictures, in their order; of those that cannot be measured, why.

        Pictures that are only named must not be among them. Those of one file that follow each other
        are measured in one go.

        Raises:
            StageError: No process can be begun.
        """
        found = list[Measures | str]()
        for _, group in groupby(parts, lambda part: id(part.data)):
            pictures = list(group)
            frames = [part.frame for part in pictures]
            try:
                facts, _ = self._asked({"do": "measure", "frames": frames}, pictures[0].data or b"")
            except ValueError as error:
                found += [str(error)] * len(pictures)
            else:
                found += facts["pictures"]
        return found

    def small(self, part: Part, side: int) -> bytes:
        """A picture as a JPEG whose longer side has so many pixels at most.

        Raises:
            ValueError: It cannot be read; why.
            StageError: No process can be begun.
        """
        facts = {"do": "small", "frame": part.frame, "side": side}
        return self._asked(facts, part.data or b"")[1]

    def one_frame(self, part: Part) -> bytes:
        """A picture of a file of several, as a TIFF file of its own.

        Raises:
            ValueError: It cannot be read; why.
            StageError: No process can be begun.
        """
        return self._asked({"do": "frame", "frame": part.frame}, part.data or b"")[1]

    def close(self) -> None:
        """End the process."""
        self.process.close()

    def _asked(self, facts: Facts, data: bytes) -> Message:
        try:
            answer = self.process.ask(facts, data)
        except NoAnswerError as error:
            raise ValueError(str(error)) from error
        if reason := answer[0].get("reason"):
            raise ValueError(reason)
        return answer
