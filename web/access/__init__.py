"""Who is asking, what they may see, and a log of what they looked at."""
