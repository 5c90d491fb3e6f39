"""The version of the app, apart from the package's names so that modules which those come from can import it."""

__version__ = "0.1.0"
