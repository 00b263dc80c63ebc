"""The parts of `examine`: each answers one question about a model on pictures, beside its null."""
