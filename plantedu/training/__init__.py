"""One `fit` and what it trains: pretraining, classifiers, probes; checkpoints on disk."""
