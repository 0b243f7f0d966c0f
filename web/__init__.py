"""The pages of `runut serve`: who may see what, at which address."""
