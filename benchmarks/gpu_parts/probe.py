# pyright: basic, reportCallIssue=none
"""The device: what it is, and the rates that floors are made of."""

import subprocess

from gpu_parts.part import Row, Setting, number


def facts() -> dict[str, str]:
    """Name, memory, compute capability and versions."""
    import torch

    found = {"torch": torch.__version__}
    if torch.cuda.is_available():
        device = torch.cuda.get_device_properties(0)
        found |= {
            "name": device.name,
            "memory": f"{device.total_memory / 2**30:.1f} GiB",
            "compute capability": f"{device.major}.{device.minor}",
            "multiprocessors": str(device.multi_processor_count),
            "CUDA of torch": str(torch.version.cuda),
        }
        try:
            ask = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
            found["driver"] = subprocess.run(
                ask, capture_output=True, text=True, check=True, timeout=20
            ).stdout.split("\n")[0]
        except (OSError, subprocess.SubprocessError) as error:
            found["driver"] = f"unknown ({type(error).__name__})"
    return found


def measure(setting: Setting) -> dict[str, float]:
    """Bytes and operations per second."""
    import torch

    rates: dict[str, float] = {}
    size = setting.size(1 << 31, 1 << 30, 1 << 26)
    left = torch.randint(0, 255, (size,), dtype=torch.uint8, device=setting.place)
    right = torch.empty_like(left)
    rates["bytes"] = 2 * size / setting.seconds(lambda: right.copy_(left))
    if setting.device == "gpu":
        host = torch.empty(size // 4, dtype=torch.uint8)
        pinned = host.pin_memory()
        there = left[: size // 4]
        rates["bytes to the device"] = (size // 4) / setting.seconds(lambda: there.copy_(host))
        rates["bytes to the device, pinned"] = (size // 4) / setting.seconds(
            lambda: there.copy_(pinned)
        )
    side = setting.size(8192, 8192, 512)
    for name, kind in (("bf16", torch.bfloat16), ("fp32", torch.float32)):
        a, b = (torch.randn(side, side, device=setting.place, dtype=kind) for _ in range(2))
        rates[f"{name} operations"] = 2 * side**3 / setting.seconds(lambda a=a, b=b: a @ b)
    if setting.device == "gpu":
        rates["integer operations"] = _multiply_adds(setting)
    return rates


def _multiply_adds(setting: Setting) -> float:
    """32-bit integer multiply-adds per second."""
    import torch

    from gpu_parts.multiply_add import multiply_add

    programs, block, rounds = 132 * 64, 1024, 2000
    out = torch.zeros(programs * block, dtype=torch.int32, device="cuda")

    def run():
        multiply_add[(programs,)](out, 12345, 77, rounds, block=block, num_warps=4)

    return programs * block * rounds * 16 / setting.seconds(run)


def probe(setting: Setting) -> list[Row]:
    """The rates as rows."""
    return [
        Row(case=name, rate=number(value, "B/s" if "bytes" in name else "op/s"))
        for name, value in setting.rates.items()
    ]
