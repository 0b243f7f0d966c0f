"""The scorecard: how the office does against its targets, and whether that gets better."""
