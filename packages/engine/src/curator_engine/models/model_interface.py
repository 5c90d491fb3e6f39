"""NeMo Curator's base class of models, for those of one's own; nothing heavy is imported."""

from abc import ABC, abstractmethod


class ModelInterface(ABC):
    """A model that is loaded where it is used: a stage makes it, and calls `setup` in the worker.

    Example:
        >>> class Length(ModelInterface):
        ...     @property
        ...     def model_id_names(self):
        ...         return []
        ...
        ...     def setup(self):
        ...         self.longest = 10
        >>> Length().model_id_names
        []
    """

    @property
    @abstractmethod
    def model_id_names(self) -> list[str]:
        """The ids on the hub of what it loads."""

    @abstractmethod
    def setup(self) -> None:
        """Load it."""
