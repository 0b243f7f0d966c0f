"""Alert rules: what they read, when they fire and are over, and who has heard of it."""
