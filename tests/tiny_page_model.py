"""A model that reads pages, of a few numbers with random weights, saved as real ones are."""

import importlib
from pathlib import Path
from typing import Any

SIDE = 32
WORDS = ["<pad>", "<s>", "</s>", "<unk>", "<x_0.1>", "<y_0.2>", "<class_Text>", *"abcdefgh"]


def write_page_model(folder: Path) -> str:
    """An encoder of pictures and a decoder of words, with a processor for both, as Donut has them."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    models: Any = importlib.import_module("transformers")
    torch.manual_seed(0)
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    see = models.ViTConfig(**small, intermediate_size=32, image_size=SIDE, patch_size=16)
    tell = models.MBartConfig(
        vocab_size=len(WORDS),
        d_model=16,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=32,
        max_position_embeddings=64,
        is_decoder=True,
        add_cross_attention=True,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = models.VisionEncoderDecoderModel(
        encoder=models.ViTModel(see), decoder=models.MBartForCausalLM(tell)
    )
    model.config.decoder_start_token_id, model.config.pad_token_id = 1, 0
    for weights in model.parameters():
        # Larger than those that training begins with, so that pages are told apart.
        torch.nn.init.normal_(weights, std=0.7)
    model.save_pretrained(folder)
    words = {word: number for number, word in enumerate(WORDS)}
    tokenizer: Any = Tokenizer(WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    fast = models.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
    )
    images = models.ViTImageProcessor(size={"height": SIDE, "width": SIDE})
    models.DonutProcessor(image_processor=images, tokenizer=fast).save_pretrained(folder)
    models.GenerationConfig(
        max_new_tokens=8, decoder_start_token_id=1, pad_token_id=0, eos_token_id=2, bos_token_id=1
    ).save_pretrained(folder)
    return str(folder)
