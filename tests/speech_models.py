"""Recognisers of a few numbers with random weights, saved as real ones are."""

import json
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh", "de")


def write_whisper(
    folder: Path, *, languages: tuple[str, ...] = LANGUAGES, tokens: int = 12, heard_s: int = 4
) -> str:
    """A Whisper of one layer that writes letters; of English only where there are no languages.

    Args:
        folder: Where to write it.
        languages: Codes that its tokenizer knows.
        tokens: Most tokens that it writes.
        heard_s: Seconds that it hears at once; CTranslate2 needs 30.
    """
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import (
        GenerationConfig,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperTokenizer,
    )

    torch.manual_seed(3)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    marks = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{each}|>" for each in languages)]
    marks += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>"]
    marks += ["<|nospeech|>", "<|notimestamps|>", *(f"<|{i / 50:.2f}|>" for i in range(1501))]
    ids = {word: i for i, word in enumerate([*alphabet, *marks])}
    plain = Tokenizer(models.BPE({each: ids[each] for each in alphabet}, []))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    plain.add_special_tokens(marks[:-1501])
    plain.add_tokens(marks[-1501:])
    end, start = "<|endoftext|>", "<|startoftranscript|>"
    tokenizer = WhisperTokenizer(
        tokenizer_object=plain, bos_token=end, eos_token=end, unk_token=end, pad_token=end
    )
    tokenizer.save_pretrained(folder)
    extractor = WhisperFeatureExtractor(chunk_length=heard_s, return_attention_mask=True)
    extractor.save_pretrained(folder)
    facts: dict[str, Any] = {
        "eos_token_id": ids[end],
        "pad_token_id": ids[end],
        "bos_token_id": ids[end],
    }
    facts |= {"decoder_start_token_id": ids[start]}
    small: dict[str, Any] = {"encoder_layers": 1, "decoder_layers": 1, "d_model": 16}
    small |= {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    small |= {"encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "max_source_positions": 50 * heard_s}
    config = WhisperConfig(vocab_size=len(ids), **small, **facts)
    model = WhisperForConditionalGeneration(config)
    letters = [ids[each] for each in "abcdef\u0120"]
    with torch.no_grad():
        model.proj_out.weight.zero_()
        model.proj_out.weight[letters] = torch.randn(len(letters), config.d_model) * 3
        model.model.decoder.embed_positions.weight.normal_()
    model.generation_config = GenerationConfig(
        **facts,
        is_multilingual=bool(languages),
        lang_to_id={f"<|{each}|>": ids[f"<|{each}|>"] for each in languages},
        task_to_id={each: ids[f"<|{each}|>"] for each in ("translate", "transcribe")},
        no_timestamps_token_id=ids["<|notimestamps|>"],
        alignment_heads=[[0, 0], [0, 1]],
        max_length=4 + tokens,
        return_timestamps=False,
        suppress_tokens=[],
        begin_suppress_tokens=[ids[end]],
        prev_sot_token_id=ids["<|startofprev|>"],
    )
    model.save_pretrained(folder)
    return str(folder)


def write_ctc(folder: Path, *, norm: str = "group") -> str:
    """A wav2vec2 of one layer that writes letters.

    Args:
        folder: Where to write it.
        norm: "group" takes no attention mask, as the first models; "layer" takes one.
    """
    import torch
    from transformers import (
        Wav2Vec2Config,
        Wav2Vec2CTCTokenizer,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForCTC,
    )

    torch.manual_seed(5)
    folder.mkdir(parents=True, exist_ok=True)
    letters = ["<pad>", "<s>", "</s>", "<unk>", "|", *"abcdefghijklmnopqrstuvwxyz'"]
    (folder / "vocab.json").write_text(json.dumps({each: i for i, each in enumerate(letters)}))
    Wav2Vec2CTCTokenizer(str(folder / "vocab.json")).save_pretrained(folder)
    mask = norm == "layer"
    Wav2Vec2FeatureExtractor(return_attention_mask=mask).save_pretrained(folder)
    config = Wav2Vec2Config(
        vocab_size=len(letters),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(16,) * 7,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        feat_extract_norm=norm,
        do_stable_layer_norm=mask,
        mask_time_prob=0.0,
    )
    model = Wav2Vec2ForCTC(config)
    torch.nn.init.normal_(model.lm_head.weight, std=1.0)
    model.save_pretrained(folder)
    return str(folder)
