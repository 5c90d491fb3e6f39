# pyright: basic, reportMissingImports=none, reportArgumentType=none, reportAttributeAccessIssue=none
"""Networks with random weights, tiny and of the size that the field uses; TransNetV2 with its own if it is there."""

import json
import tempfile
from pathlib import Path

import numpy as np

from gpu_parts.part import Row, Setting, number, once

_CLIP_LARGE = {
    "text": {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12},
    "vision": {
        "hidden_size": 1024,
        "intermediate_size": 4096,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "image_size": 224,
        "patch_size": 14,
    },
}
"""ViT-L/14, 428 million numbers."""


def _pictures(count, side, seed=0):
    draw = np.random.default_rng(seed)
    coarse = draw.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    return coarse.repeat(side // 8, axis=1).repeat(side // 8, axis=2)


def _least_cosine(left, right):
    return float((np.asarray(left, np.float64) * np.asarray(right, np.float64)).sum(axis=1).min())


def check_transnetv2(setting: Setting) -> list[Row]:
    """Frames per second, and the CPU's answers."""
    import torch

    from curator_video.models.transnetv2 import ShotNetwork, TransNetV2
    from curator_video.shots.shot_network import find_weights

    draw = np.random.default_rng(0)
    frames = setting.size(40_000, 10_000, 200)
    lengths = draw.integers(20, 200, frames // 20)
    shots = np.repeat(np.arange(len(lengths)), lengths)[:frames]
    pictures = draw.integers(0, 256, (len(lengths), 27, 48, 3), dtype=np.uint8)
    thumbs = pictures[shots] // 2 + draw.integers(0, 30, (len(shots), 27, 48, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        weights = find_weights()
        if weights is None:
            torch.manual_seed(0)
            weights = f"{folder}/weights.pth"
            torch.save(TransNetV2().state_dict(), weights)
        ours, theirs = (ShotNetwork(weights, device=each) for each in (setting.device, "cpu"))
    some = thumbs[: setting.size(500, 500, 200)]
    expected, found = theirs.everywhere(some), ours.everywhere(some)
    seconds = setting.seconds(lambda: ours.everywhere(thumbs), repeats=3)
    cpu = len(some) / once(lambda: theirs.everywhere(some))
    cuts = int(((found > 0.5) != (expected > 0.5)).sum())
    kind = "random weights" if find_weights() is None else "its own weights"
    return [
        Row(
            case=f"TransNetV2, {kind}",
            agreement=f"error {np.abs(found - expected).max():.1e}, {cuts} of {len(some)} answers differ at 0.5",
            rate=number(len(thumbs) / seconds, "frames/s"),
            cpu=number(cpu, "frames/s"),
        )
    ]


def write_clip_large(folder: Path):
    """CLIP of the size of ViT-L/14, with random weights."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(0)
    config = CLIPConfig(
        text_config={**_CLIP_LARGE["text"], "num_hidden_layers": 12},
        vision_config=_CLIP_LARGE["vision"],
        projection_dim=768,
    )
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = CLIPModel(config)
    model.to("cpu").save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({}))
    return str(folder)


def check_clip(setting: Setting) -> list[Row]:
    """Images per second, and vectors against float32 on the CPU; the aesthetic head on them."""
    from tiny_models import write_clip, write_head

    from curator_engine.models.aesthetic import AestheticModel
    from curator_engine.models.clip import Clip

    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = {"tiny": write_clip(folder / "tiny")}
        if setting.device == "gpu":
            models["ViT-L/14, random weights"] = write_clip_large(folder / "large")
        for case, model in models.items():
            side = 32 if case == "tiny" else 224
            ours, theirs = (Clip(model, device=each) for each in (setting.device, "cpu"))
            some = _pictures(8, side)
            expected, found = theirs.embed_frames(some), ours.embed_frames(some)
            many = _pictures(setting.size(2048, 512, 32), side, seed=1)
            seconds = setting.seconds(lambda c=ours, m=many: c.embed_frames(m), repeats=3)
            operations = 2 * 304e6 * 257 * len(many) if side == 224 else 0
            rows.append(
                Row(
                    case=f"CLIP, {case}",
                    agreement=f"least cosine {_least_cosine(found, expected):.6f}",
                    rate=number(len(many) / seconds, "images/s"),
                    cpu=number(8 / once(lambda t=theirs, s=some: t.embed_frames(s)), "images/s"),
                    floor=setting.above_floor(seconds, **{"bf16 operations": operations})
                    if operations
                    else "",
                    note="float16 on a GPU, float32 on a CPU; resized before",
                )
            )
            print(rows[-1], flush=True)
            dims = expected.shape[1]
            head = write_head(folder / f"{side}.safetensors", dims=dims)
            scores = [
                AestheticModel(model, head, device=each).score(some)
                for each in (setting.device, "cpu")
            ]
            rows.append(
                Row(
                    case=f"aesthetic head on it, {case}",
                    agreement=f"error {abs(scores[0] - scores[1]):.1e}",
                )
            )
    return rows


def write_sentence_encoder(folder: Path, *, hidden: int, layers: int, heads: int) -> str:
    """A BERT of sentence-transformers' form that knows letters."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [
        *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
        *letters,
        *(f"##{c}" for c in letters),
    ]
    plain = Tokenizer(
        models.WordPiece(vocab={w: i for i, w in enumerate(words)}, unk_token="[UNK]")
    )
    plain.normalizer = normalizers.Lowercase()
    plain.pre_tokenizer = pre_tokenizers.Whitespace()
    plain.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=plain,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=512,
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30522,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * hidden,
    )
    BertModel(config).save_pretrained(folder)
    (folder / "modules.json").write_text(
        json.dumps(
            [
                {
                    "idx": i,
                    "name": str(i),
                    "path": path,
                    "type": f"sentence_transformers.models.{kind}",
                }
                for i, (path, kind) in enumerate([("", "Transformer"), ("1_Pooling", "Pooling")])
            ]
        )
    )
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 256}))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True})
    )
    return str(folder)


def check_sentences(setting: Setting) -> list[Row]:
    """Texts per second in bfloat16, as a GPU has it, and in float32; by sentence-transformers, and by transformers as `embed --backend` has it."""
    from curator_text.models.sentence_encoders import load_text_model
    from curator_text.models.transformer_encoder import TransformerEncoder
    from gpu_parts.signatures import draw_texts

    sizes = {"tiny": (32, 2, 2)}
    if setting.device == "gpu":
        sizes["22M (MiniLM's size)"] = (384, 6, 12)
        sizes["335M (BGE-large's size)"] = (1024, 24, 16)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for case, (hidden, layers, heads) in sizes.items():
            folder = Path(name) / str(hidden)
            folder.mkdir()
            model = write_sentence_encoder(folder, hidden=hidden, layers=layers, heads=heads)
            ours, theirs = (load_text_model(model, device=each) for each in (setting.device, "cpu"))
            count = setting.size(256, 256, 16)
            # A letter is a token, so that all texts are 256 tokens long.
            texts = draw_texts(count * 400, alphabet="abcdefghij", mean=400).to_pylist()[:count]
            some = texts[:8]
            options = {"batch_size": 64, "max_chars": None}
            expected, found = theirs.embed(some, **options)[0], ours.embed(some, **options)[0]
            cpu = len(some) / once(lambda t=theirs, s=some, o=options: t.embed(s, **o))
            for kind in ["as it is", *(["float32"] if case != "tiny" else []), "transformers"]:
                if kind == "float32":
                    ours._model.float()
                    found = ours.embed(some, **options)[0]
                if kind == "transformers":
                    ours = TransformerEncoder(model, pooling="mean", device=setting.device)
                    plain = TransformerEncoder(model, pooling="mean", device="cpu")
                    expected, found = (each.embed(some, **options)[0] for each in (plain, ours))
                seconds = setting.seconds(
                    lambda m=ours, t=texts, o=options: m.embed(t, **o), repeats=3
                )
                operations = 2.0 * 12 * layers * hidden**2 * 256 * count
                rows.append(
                    Row(
                        case=f"sentence encoder, {case}, {kind}",
                        agreement=f"least cosine {_least_cosine(found, expected):.6f}",
                        rate=number(count / seconds, "texts/s"),
                        cpu=number(cpu, "texts/s"),
                        floor=setting.above_floor(seconds, **{"bf16 operations": operations}),
                    )
                )
                print(rows[-1], flush=True)
    return rows


def check_captions(setting: Setting) -> list[Row]:
    """Tiny vision-language models: what they write on the CPU in bfloat16's stead is float32."""
    from language_models import write_llava, write_qwen2_vl, write_qwen3_vl

    from curator_engine.models.questions import Frames, Question
    from curator_engine.models.vision_language import VisionLanguageModel

    rows = []
    questions = [
        Question(
            prompt="describe",
            frames=Frames(pictures=_pictures(4, 64, seed=seed), times=(0.0, 0.5, 1.0, 1.5)),
        )
        for seed in range(8)
    ]
    writers = {"Qwen2-VL": write_qwen2_vl, "Qwen3-VL": write_qwen3_vl, "LLaVA": write_llava}
    for case, write in writers.items():
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder)
            models = [
                VisionLanguageModel(str(folder), device=each, max_tokens=16)
                for each in (setting.device, "cpu")
            ]
            answers = [model.answer(questions) for model in models]
            failed = next((each.error for each in answers[0] if each.error), "")
            same = sum(a.text[:4] == b.text[:4] for a, b in zip(*answers, strict=True))
            taken = [once(lambda m=model: m.answer(questions)) for model in models]
        rows.append(
            Row(
                case=f"captions, tiny {case}",
                ran=f"failed: {failed}" if failed else "yes",
                agreement=f"{same} of {len(questions)} begin alike",
                rate=number(16 * len(questions) / taken[0], "tokens/s"),
                cpu=number(16 * len(questions) / taken[1], "tokens/s"),
                note="bfloat16 on a GPU, float32 on a CPU",
            )
        )
    return rows
