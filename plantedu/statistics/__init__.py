"""Numbers and their uncertainty: evidence, intervals, CKA, ridge, Brier; no model here."""
