"""Made pictures with known marks: drawings of our own, other round seals, scenes. For training, tests and measuring only."""
