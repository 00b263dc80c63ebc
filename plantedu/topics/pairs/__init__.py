"""What do two cameras see of one plant, and what gives a partner away?

Methods: `sensitivity` (which camera sees which factor), `partners`, `channels`. The renderer itself
is in `plantedu/data/renderer`, challenge folders in `plantedu/data/challenge`.

Lesson: 01_pairs.
"""
