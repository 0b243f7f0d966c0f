"""Single applications: the list of those that are looked at, and the story of each."""
