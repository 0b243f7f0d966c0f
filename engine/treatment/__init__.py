"""Equal treatment: who is compared with whom, what stands out, and how it is told."""
