"""A tiny BERT that labels tokens by what they are: its weights are set so that only the token's own vector counts."""

from pathlib import Path
from typing import Any

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-MISC"]
WORDS = {
    **dict.fromkeys(("ada", "grace", "jo"), "B-PER"),
    **dict.fromkeys(("love", "##lace", "hopper"), "I-PER"),
    **dict.fromkeys(("paris", "zu", "london"), "B-LOC"),
    **dict.fromkeys(("##rich", "hill"), "I-LOC"),
    "acme": "B-ORG",
    "monday": "I-MISC",
}
"""Whatever else there is has no label."""
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
_PLAIN = ["was", "in", "of", "and", ".", ",", "##s", "the"]


def write_name_model(folder: Path, *, labels: list[str] | None = None, longest: int = 16) -> Path:
    """Build and save the model; `longest` is how many tokens it sees."""
    import torch
    from transformers import BertConfig, BertForTokenClassification

    vocabulary = [*_SPECIAL, *_PLAIN, *WORDS]
    write_tokenizer(folder, vocabulary, longest)
    names = labels or LABELS
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=longest,
        id2label=dict(enumerate(names)),
        label2id={name: i for i, name in enumerate(names)},
    )
    model: Any = BertForTokenClassification(config)
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.fill_(1.0 if name.endswith("LayerNorm.weight") else 0.0)
        vectors = model.bert.embeddings.word_embeddings.weight
        for i, word in enumerate(vocabulary):
            vectors[i, LABELS.index(WORDS.get(word, "O"))] = 1.0
        for i in range(len(names)):
            model.classifier.weight[i, i] = 1.0
    model.save_pretrained(folder)
    return folder


def write_tokenizer(folder: Path, vocabulary: list[str], longest: int) -> None:
    """Save a tokenizer of words that are known."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    numbers = {word: i for i, word in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(vocab=numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=longest,
    )
    made.save_pretrained(folder)
