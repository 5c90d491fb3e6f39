"""Where the files of a guard are: Llama Guard, an adapter of its weights, and a head. Nothing heavy is imported here.

A folder may hold what it builds on: an adapter `base/`, a head `adapter/` and `base/`. What it does not hold is asked
for by its id on the hub.
"""

from pathlib import Path

LLAMA_GUARD = "meta-llama/LlamaGuard-7b"
"""What NVIDIA's adapters are for. The hub gives it to those who have agreed to its licence."""
AEGIS_VARIANTS = (
    "nvidia/Aegis-AI-Content-Safety-LlamaGuard-Defensive-1.0",
    "nvidia/Aegis-AI-Content-Safety-LlamaGuard-Permissive-1.0",
)
INSTRUCTION_DATA_GUARD = "nvidia/instruction-data-guard"
MOST_TOKENS = 4096
"""That a guard sees of a text."""


def base_of(model: str, base: str | None = None) -> str:
    """Folder or hub id of the model that a guard's weights change.

    Args:
        model: Folder or hub id of the adapter or the head.
        base: What is meant, whatever the folder holds.
    """
    return base or _inside(model, "base") or LLAMA_GUARD


def adapter_of(head: str, adapter: str | None = None) -> str:
    """Folder or hub id of the adapter whose states a head judges.

    Args:
        head: Folder or hub id of the head.
        adapter: What is meant, whatever the folder holds.
    """
    return adapter or _inside(head, "adapter") or AEGIS_VARIANTS[0]


def _inside(model: str, name: str) -> str | None:
    path = Path(model) / name
    return str(path) if path.is_dir() else None
