"""Does the map point at what the model uses?

Methods: `attribute`, `method-comparison`. Maps are captum's; what grades them is ours: `truth.py`
by do(), `baselines.py`, `randomisation.py`, `deletion.py`.

Lesson: 09_attribution.
"""
