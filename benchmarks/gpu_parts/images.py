# pyright: basic, reportMissingImports=none, reportArgumentType=none, reportAttributeAccessIssue=none, reportCallIssue=none
"""The stages of the image app that use CLIP, on pictures of many sizes."""

import tempfile
from pathlib import Path

import numpy as np

from gpu_parts.networks import write_clip_large
from gpu_parts.part import Row, Setting, number, once


def _batch(count, seed=0):
    from curator_image.task import ImageBatch, ImageObject

    draw = np.random.default_rng(seed)
    sides = draw.integers(100, 512, (count, 2)).tolist()
    coarse = draw.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    pictures = [
        np.repeat(np.repeat(each, -(-high // 8), 0), -(-wide // 8), 1)[:high, :wide]
        for each, (high, wide) in zip(coarse, sides, strict=True)
    ]
    return ImageBatch(
        data=[ImageObject(image_id=str(i), image_data=each) for i, each in enumerate(pictures)]
    )


def check_images(setting: Setting) -> list[Row]:
    """Images per second through the embedding, and its heads, against float32 on the CPU."""
    from tiny_models import write_clip, write_head, write_nsfw_head

    from curator_image.scores.embedding import ImageEmbeddingStage
    from curator_image.scores.model_filters import ImageAestheticFilterStage, ImageNSFWFilterStage

    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = {"tiny": write_clip(folder / "tiny")}
        if setting.device == "gpu":
            models["ViT-L/14, random weights"] = write_clip_large(folder / "large")
        for case, model in models.items():
            stages = [
                ImageEmbeddingStage(model_dir=model, device=place)
                for place in (setting.device, "cpu")
            ]
            for stage in stages:
                stage.setup()
            found, expected = (stage.process(_batch(8)) for stage in stages)
            vectors = [np.stack([each.embedding for each in t.data]) for t in (found, expected)]
            cosine = float((vectors[0] * vectors[1]).sum(axis=1).min())
            count = setting.size(1024, 256, 32)
            many = _batch(count, seed=1)
            seconds = setting.seconds(lambda s=stages[0], m=many: s.process(m), repeats=3)
            some = _batch(8)
            rows.append(
                Row(
                    case=f"ImageEmbeddingStage, {case}",
                    agreement=f"least cosine {cosine:.6f}",
                    rate=number(count / seconds, "images/s"),
                    cpu=number(8 / once(lambda s=stages[1], m=some: s.process(m)), "images/s"),
                    note="of 100 to 512 pixels, resized in the stage by one CPU core",
                )
            )
            print(rows[-1], flush=True)
            dims = vectors[0].shape[1]
            heads = [
                ImageAestheticFilterStage(
                    model_dir=write_head(folder / f"{dims}.safetensors", dims=dims), only_score=True
                ),
                ImageNSFWFilterStage(
                    weights_path=write_nsfw_head(folder / f"{dims}.pth", dims=dims), only_score=True
                ),
            ]
            for stage in heads:
                stage.setup()
                scores = [
                    [getattr(each, stage.attribute) for each in stage.process(task).data]
                    for task in (found, expected)
                ]
                error = float(np.abs(np.array(scores[0]) - np.array(scores[1])).max())
                rows.append(
                    Row(case=f"{type(stage).__name__}, {case}", agreement=f"error {error:.1e}")
                )
    return rows
