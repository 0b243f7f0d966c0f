"""Whether comparable applications of one group are treated like those of others."""
