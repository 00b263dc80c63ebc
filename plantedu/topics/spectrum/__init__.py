"""Is there an algorithm in the projection head's eigenvalues?

Methods: `eigenvalues`, `prototypes`, `jacobian`, `collapse`, `planted-heads`.

Lesson: 07_spectrum.
"""
