"""The page on which the map is explored: what is asked, what is seen, where links lead."""
