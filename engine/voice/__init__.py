"""What citizens say of the office, held against what their applications went through."""
