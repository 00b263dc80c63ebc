"""Lessons, predictions, answers, progress, classes, and the report that verifies."""
