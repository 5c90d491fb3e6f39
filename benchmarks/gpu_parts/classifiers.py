# pyright: basic, reportMissingImports=none, reportArgumentType=none, reportAttributeAccessIssue=none
"""Classifiers of text with random weights: tiny ones of each architecture, and one of the size of DeBERTa v3 base."""

import json
import tempfile
from pathlib import Path

import numpy as np

from gpu_parts.part import Row, Setting, number, once

_LABELS = 26
_TOKENS = 512


def _write_large(folder: Path) -> str:
    """A classifier of domains of the size of NVIDIA's."""
    import torch
    from safetensors.torch import save_model

    from curator_text.models.classifier_networks import Deberta

    torch.manual_seed(0)
    names = {str(i): f"label {i}" for i in range(_LABELS)}
    config = {"base_model": "microsoft/deberta-v3-base", "id2label": names}
    folder.mkdir()
    save_model(Deberta(config), str(folder / "model.safetensors"))
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return str(folder)


def _ids(count: int, longest: int, words: int) -> list[list[int]]:
    draw = np.random.default_rng(0)
    lengths = draw.integers(max(2, longest // 4), longest, count)
    return [draw.integers(1, words, size).tolist() for size in lengths]


def check_classifiers(setting: Setting) -> list[Row]:
    """Texts per second, and outputs against float32 on the CPU, with and without half precision."""
    import tiny_classifiers as tiny

    from curator_text.models.text_classifier import TextClassifier

    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = {
            "labels, tiny": (tiny.write_label_model(folder / "labels"), "labels"),
            "prompts, tiny": (tiny.write_prompt_model(folder / "prompts"), "prompt"),
            "score, tiny": (tiny.write_sequence_model(folder / "score"), "score"),
        }
        if setting.device == "gpu":
            models["labels, DeBERTa v3 base"] = (_write_large(folder / "large"), "labels")
        for case, (model, head) in models.items():
            is_large = "base" in case
            longest, words = (_TOKENS, 128_000) if is_large else (tiny.LONGEST, len(tiny.WORDS))
            some = _ids(8, longest, words)
            many = _ids(setting.size(2048, 512, 32), longest, words)
            cpu = TextClassifier(model, head=head, device="cpu")
            expected = cpu.outputs(some)
            for autocast in (True, False):
                ours = TextClassifier(model, head=head, device=setting.device, autocast=autocast)
                found = ours.outputs(some)
                same = int((found.argmax(1) == expected.argmax(1)).sum())
                seconds = setting.seconds(lambda o=ours, m=many: o.outputs(m), repeats=3)
                rows.append(
                    Row(
                        case=f"{case}, {'half precision' if autocast else 'float32'}",
                        agreement=f"error {np.abs(found - expected).max():.1e}, {same} of 8 choices the same",
                        rate=number(len(many) / seconds, "texts/s"),
                        cpu=number(8 / once(lambda c=cpu, s=some: c.outputs(s)), "texts/s"),
                        note="random weights; 128 to 512 tokens" if is_large else "random weights",
                    )
                )
                print(rows[-1], flush=True)
    return rows


def check_guards(setting: Setting) -> list[Row]:
    """Texts per second of a tiny Llama Guard with an adapter: its answers, and the scores of a head."""
    import tiny_classifiers as tiny
    import tiny_guards

    from curator_text.models.guard_model import GuardModel

    rows = []
    with tempfile.TemporaryDirectory() as name:
        files = tiny_guards.write_guards(Path(name) / "guards")
        given = {"adapter": files["aegis"], "head": files["poison"]}
        some, many = (_ids(size, 64, len(tiny.WORDS)) for size in (8, setting.size(512, 128, 8)))
        cpu = GuardModel(f"{files['poison']}/base", device="cpu", **given)
        ours = GuardModel(f"{files['poison']}/base", device=setting.device, **given)
        words = [a == b for a, b in zip(ours.answers(some), cpu.answers(some), strict=True)]
        error = np.abs(ours.poisoned(some) - cpu.poisoned(some)).max()
        for case, agreement, ask, ask_cpu in (
            ("answers", f"{sum(words)} of 8 answers the same", ours.answers, cpu.answers),
            ("scores of a head", f"error {error:.1e}", ours.poisoned, cpu.poisoned),
        ):
            seconds = setting.seconds(lambda ask=ask, m=many: ask(m), repeats=3)
            rows.append(
                Row(
                    case=f"guard, tiny, {case}",
                    agreement=agreement,
                    rate=number(len(many) / seconds, "texts/s"),
                    cpu=number(8 / once(lambda ask=ask_cpu, s=some: ask(s)), "texts/s"),
                    note="random weights; bfloat16 on a GPU",
                )
            )
            print(rows[-1], flush=True)
    return rows
