"""What may leave the office: small groups taken out of every part of the results."""
