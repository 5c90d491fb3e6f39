"""Files of networks with random weights, of the form that published ones have, that tests write."""

from pathlib import Path

import pytest


def write_cnn14(folder: Path, patch: pytest.MonkeyPatch, *, classes: int) -> str:
    """CNN14 with few channels, as PANNs' training saves it; until `patch` is undone all are so narrow."""
    import torch

    from curator_audio.models import cnn14

    patch.setattr(cnn14, "CHANNELS", (2, 2, 2, 2, 4, 4))
    torch.manual_seed(0)
    network = cnn14.Cnn14DecisionLevelMax(32_000, classes_num=classes)
    path = folder / "cnn14.pth"
    torch.save({"iteration": 1, "model": network.state_dict()}, path)
    return str(path)


def write_squim(folder: Path) -> str:
    """SQUIM as it is, with random weights, as torchaudio's file holds it."""
    import torch
    from torchaudio.models import squim_objective_base

    torch.manual_seed(0)
    path = folder / "squim_objective_dns2020.pth"
    torch.save(squim_objective_base().state_dict(), path)
    return str(path)
