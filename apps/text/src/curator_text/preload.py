"""Imported by the fork server of worker processes: importing it makes the kernels ready.

The one module whose import does work, so that each worker need not do it again.
"""

from curator_text import kernels

kernels.load()
