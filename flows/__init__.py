"""When things run: settings, the parts put together, the command line and the scheduler."""
