"""How a measure is run: in one piece, in slices, live, on a cluster; and how events come in."""
