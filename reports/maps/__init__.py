"""The process map: which paths are shown, where everything stands, and how it is drawn."""
