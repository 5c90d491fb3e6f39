"""A recogniser behind an OpenAI-compatible endpoint: `POST <url>/audio/transcriptions`.

Each clip goes there as a WAV file, which must be allowed to leave this machine. Clips over 30 s are not
cut: an endpoint does that itself. Key, retries and errors are those of the engine's `Endpoint`.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import soundfile

from curator_audio.models.transcript import RATE, Clip, Transcript, Word
from curator_engine.models.endpoint import Endpoint, EndpointError

_KEY = "CURATOR_API_KEY"


class EndpointRecogniser:
    """Transcribes by a model at an address.

    Raises:
        SettingsError: The URL or the key is not one to be used.
        InputError: It does not answer, or has not exactly one model and none was named.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str = "",
        language: str = "",
        api_key_env: str = _KEY,
        timeout_s: float = 120.0,
        retries: int = 4,
        backoff_s: float = 1.0,
        parallel: int = 8,
    ) -> None:
        self._endpoint = Endpoint(
            url=url,
            model=model,
            api_key_env=api_key_env,
            timeout_s=timeout_s,
            retries=retries,
            backoff_s=backoff_s,
        )
        self._fields = {"response_format": "verbose_json", "temperature": "0"}
        self._fields["timestamp_granularities[]"] = "word"
        if language:
            self._fields["language"] = language
        self._parallel = parallel
        self.name = self._endpoint.name

    def transcribe(self, clips: list[Clip]) -> list[Transcript]:
        """A transcript per clip, several at a time; one that fails has its error."""
        with ThreadPoolExecutor(max_workers=self._parallel) as pool:
            return list(pool.map(self._hear, clips))

    def _hear(self, clip: Clip) -> Transcript:
        if not len(clip):
            return Transcript(text="")
        try:
            reply = self._endpoint.upload(
                "/audio/transcriptions", self._fields, file=_wav(clip), name="clip.wav"
            )
            return _transcript(reply)
        except EndpointError as error:
            return Transcript(text="", error=str(error), final=error.final)
        except (KeyError, TypeError, ValueError) as error:
            return Transcript(
                text="", error=f"the endpoint's answer is no transcript ({type(error).__name__})"
            )


def _wav(clip: Clip) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, clip, RATE, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def _transcript(reply: dict[str, Any]) -> Transcript:
    """The transcript in an answer of the form `json` or `verbose_json`.

    Raises:
        KeyError: It has no text.
        TypeError: A time is none.
        ValueError: A time is no number.
    """
    words = tuple(
        Word(
            text=str(word["word"]).strip(),
            start_s=float(word["start"]),
            end_s=float(word["end"]),
        )
        for word in reply.get("words") or []
    )
    return Transcript(
        text=" ".join(str(reply["text"]).split()),
        language=str(reply.get("language") or ""),
        words=words,
    )
