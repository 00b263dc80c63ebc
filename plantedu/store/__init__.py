"""The store of runs: one SQLite file, a folder a run, who may see and ask what."""
