"""What people see: the process map, the report and the files that may be passed on."""
