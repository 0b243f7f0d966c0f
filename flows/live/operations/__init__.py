"""What those who run a watch see of it: figures for Prometheus, its health, and a log."""
