"""Numbers and their uncertainty: evidence, intervals, CKA, ridge, Brier; no torch model anywhere."""
