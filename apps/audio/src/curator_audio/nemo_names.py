"""Names of NeMo Curator that this app stands for, by its modules; see `curator_engine.compat`."""

OFFERS: dict[str, dict[str, tuple[str, str]]] = {}
"""What each module of NeMo Curator offers, with the module here and the name in it."""
