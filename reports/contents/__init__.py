"""What the files of the results folder hold, as reports read them."""
