"""A stand-in of Cosmos-Embed1: its methods, shapes and names, with code of its own and without network."""

from pathlib import Path

from tiny_models import write_own_code

CODE = """
from types import SimpleNamespace
import torch
from transformers import BatchFeature, PreTrainedConfig, PreTrainedModel, ProcessorMixin

class TinyConfig(PreTrainedConfig):
    model_type = "tiny-own-code"

class TinyModel(PreTrainedModel):
    config_class = TinyConfig
    def __init__(self, config):
        super().__init__(config)
        self.scale = torch.nn.Parameter(torch.ones(1))
        self.post_init()
    def get_video_embeddings(self, videos):
        batch, frames, channels, height, width = videos.shape
        assert (frames, channels) == (8, 3)
        return SimpleNamespace(visual_proj=self.scale * videos.mean(dim=(3, 4)).flatten(1)[:, :6])
    def get_text_embeddings(self, input_ids):
        return SimpleNamespace(text_proj=self.scale * input_ids.float())

class TinyProcessor(ProcessorMixin):
    attributes = []
    def __init__(self): pass
    @classmethod
    def from_pretrained(cls, name, **options): return cls()
    def __call__(self, videos=None, text=None):
        if videos is not None:
            return BatchFeature({"videos": torch.as_tensor(videos).float()})
        return BatchFeature({"input_ids": torch.tensor([[len(each)] * 6 for each in text])})
"""
AUTO = {
    "AutoConfig": "modelling.TinyConfig",
    "AutoModel": "modelling.TinyModel",
    "AutoProcessor": "modelling.TinyProcessor",
}


def write_cosmos(folder: Path) -> str:
    """The model's folder, which is made."""
    import torch
    from safetensors.torch import save_file

    name = write_own_code(folder, CODE, "TinyModel", AUTO)
    save_file({"scale": torch.ones(1)}, folder / "model.safetensors", metadata={"format": "pt"})
    return name
