"""Networks that are there: shipped, of a run, by name; the random-init control."""
