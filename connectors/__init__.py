"""In and out: Kafka, files, memory, each behind the same small contract."""
