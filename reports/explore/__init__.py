"""The map under filters: which applications, how they went, and how two sets of them differ."""
