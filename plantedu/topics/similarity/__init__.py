"""When are two representations the same, and what fools a measure of it?

Methods: `compare`, `failure-modes`, `sensitivity`. One file a family of measures; `measure.py`
holds their contract, `permutation.py` their one null.

Lesson: 06_similarity.
"""
