"""Tiny models with random weights, built and saved as their makers save the real ones."""

import json
from pathlib import Path
from typing import Any

SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
    "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for part in m['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif part['type'] == 'video' %}<|vision_start|><|video_pad|><|vision_end|>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_LAYERS: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 4096,
    # Large, so that what a model writes depends on what it sees.
    "initializer_range": 0.6,
}


def write_tokenizer(folder: Path) -> tuple[Any, dict[str, Any]]:
    """A token per byte; returns the tokenizer and its special tokens' numbers."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    plain = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(letters)}, merges=[]))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=plain,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=SPECIAL[1:],
    )
    tokenizer.chat_template = _TEMPLATE
    tokenizer.save_pretrained(folder)
    return tokenizer, {token: tokenizer.convert_tokens_to_ids(token) for token in SPECIAL}


def write_qwen2_vl(folder: Path) -> Path:
    """A Qwen2-VL: its processor takes videos, and needs torchvision."""
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

    vision = {"depth": 1, "embed_dim": 16, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2}
    return _write_qwen(
        folder,
        Qwen2VLConfig,
        Qwen2VLForConditionalGeneration,
        names=("Qwen2VLProcessor", "Qwen2VLVideoProcessor"),
        rope={"mrope_section": [2, 3, 3]},
        vision={**vision, "patch_size": 14},
    )


def write_qwen3_vl(folder: Path) -> Path:
    """A Qwen3-VL: like Qwen2-VL, but its processor wants the times of the pictures, two at least."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    vision = {"depth": 2, "hidden_size": 32, "out_hidden_size": 32, "num_heads": 2}
    return _write_qwen(
        folder,
        Qwen3VLConfig,
        Qwen3VLForConditionalGeneration,
        names=("Qwen3VLProcessor", "Qwen3VLVideoProcessor"),
        rope={"mrope_section": [4, 2, 2], "mrope_interleaved": True},
        vision={
            **vision,
            "intermediate_size": 32,
            "patch_size": 16,
            "deepstack_visual_indexes": [0],
            "num_position_embeddings": 16,
        },
    )


def _write_qwen(
    folder: Path,
    config_class: Any,
    model_class: Any,
    *,
    names: tuple[str, str],
    rope: dict[str, Any],
    vision: dict[str, Any],
) -> Path:
    tokenizer, ids = write_tokenizer(folder)
    turns = {"rope_type": "default", "rope_theta": 1e4, **rope}
    size = {"vocab_size": len(tokenizer), "head_dim": 16}
    config = config_class(
        text_config={**_LAYERS, **_ends(ids), **size, "rope_parameters": turns},
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )
    _save(model_class, config, folder, ids)
    side = 2 * vision["patch_size"]
    cut = {
        "processor_class": names[0],
        "size": {"shortest_edge": side**2, "longest_edge": 16 * side**2},
        "patch_size": vision["patch_size"],
        "temporal_patch_size": 2,
        "merge_size": 2,
    }
    for name, kind in (
        ("preprocessor", {"image_processor_type": "Qwen2VLImageProcessor"}),
        ("video_preprocessor", {"video_processor_type": names[1]}),
    ):
        (folder / f"{name}_config.json").write_text(json.dumps(cut | kind))
    return folder


def write_llava(folder: Path) -> Path:
    """A LLaVA: its processor takes images and needs nothing but Pillow."""
    from transformers import (
        CLIPImageProcessorPil,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tokenizer, ids = write_tokenizer(folder)
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=28,
            patch_size=14,
        ),
        text_config=LlamaConfig(**_LAYERS, **_ends(ids), vocab_size=len(tokenizer)),
        image_token_index=ids["<|image_pad|>"],
    )
    _save(LlavaForConditionalGeneration, config, folder, ids)
    processor = LlavaProcessor(
        image_processor=CLIPImageProcessorPil(
            size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28}
        ),
        tokenizer=tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        chat_template=_TEMPLATE,
        image_token="<|image_pad|>",
        num_additional_image_tokens=1,
    )
    processor.save_pretrained(folder)
    return folder


def write_llama(folder: Path) -> Path:
    """A Llama that knows text only."""
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer, ids = write_tokenizer(folder)
    config = LlamaConfig(**_LAYERS, **_ends(ids), vocab_size=len(tokenizer))
    _save(LlamaForCausalLM, config, folder, ids)
    return folder


def _ends(ids: dict[str, Any]) -> dict[str, Any]:
    end, pad = ids["<|im_end|>"], ids["<|endoftext|>"]
    return {"eos_token_id": end, "pad_token_id": pad, "bos_token_id": pad}


def _save(kind, config, folder: Path, ids: dict[str, Any]) -> None:
    import torch

    torch.manual_seed(0)
    model = kind(config)
    # It always writes letters, as many as it may.
    model.generation_config.suppress_tokens = sorted(ids.values())
    model.save_pretrained(folder)
