"""What does a representation keep, and what does it let go?

Methods: `generate`, `invariances`, `source-retrieval`, `effects`, `matching`, `encoder-comparison`,
`regressor-report`. A denoiser conditioned on a representation draws; a regressor reads factors off.

Lesson: 05_generation.
"""
