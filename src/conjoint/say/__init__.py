"""Numbers, names and words as people read them: each written in one way, in one place."""
