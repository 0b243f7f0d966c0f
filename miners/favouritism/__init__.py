"""Whose files are picked up ahead of their turn, and by whom."""
