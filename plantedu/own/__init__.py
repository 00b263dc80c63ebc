"""One's own: own model, own pictures, own loop, own method, with the rigour of the course.

Lesson: 06_similarity. The front door is `import plantedu as pe`; see `help(plantedu)`.
"""
