"""Does a neuron mean one thing, and is it used?

Methods: `units`, `polysemy`, `dictionary`, `steer`, `interchange`.

Lesson: 10_neurons.
"""
