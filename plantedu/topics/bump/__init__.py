"""Where does a loss step, and what did it: the model, the ruler, or the log?

Methods: `detect`, `objectives`, `fork`, `switch`, `event`, `escape`, `gradients`, `connectivity`,
`llc`, `grokking`, `diagnosis`. `changepoints/` is the detector, `clinic/` the blinded cases.

Lesson: 03_bump.
"""
