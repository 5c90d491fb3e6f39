"""NeMo Curator's names stand for this engine in these tests."""

import curator_engine.compat

assert curator_engine.compat.INSTALLED
