"""What changes with start, scale and image size, and what does a map of plants keep?

Method: `embedding`. Sweeps are in `plantedu/sweeps`, fine-tuning in `training/classifier`.

Lesson: 04_family.
"""
