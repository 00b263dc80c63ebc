"""Plants: the renderer, challenge folders, crops, splits, the evaluation set."""
