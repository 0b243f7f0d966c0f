"""A permit office that can be told to misbehave, and that keeps the true account of it."""
