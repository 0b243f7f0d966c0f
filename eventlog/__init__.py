"""The vocabulary: what an event, a case and an event log are, and where they are kept."""
