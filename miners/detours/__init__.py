"""Routes that wind: what strays from the procedure, of what kind, who causes it, what it costs."""
