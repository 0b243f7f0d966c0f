"""The commands of `runut`, one a file."""
