"""plantedu: interpret vision models rigorously, on worlds whose truth is planted."""

__version__ = "0.1.0"
