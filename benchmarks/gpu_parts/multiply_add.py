# pyright: basic, reportGeneralTypeIssues=none
"""A Triton program that does nothing but 32-bit integer multiply-adds; imported where Triton is."""

import triton
import triton.language as tl


@triton.jit
def multiply_add(out, a, b, rounds, block: tl.constexpr):
    """Sixteen multiply-adds per lane and round, on four numbers that do not wait for each other."""
    lane = tl.program_id(0) * block + tl.arange(0, block)
    w, x, y, z = lane, lane + 1, lane + 2, lane + 3
    for _ in range(rounds):
        for _ in tl.static_range(4):
            w = w * a + b
            x = x * a + b
            y = y * a + b
            z = z * a + b
    tl.store(out + lane, w ^ x ^ y ^ z)
