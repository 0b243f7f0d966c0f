"""How things are said: numbers, dates, names and reasons in the language spoken."""
