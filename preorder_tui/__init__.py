"""The middle floor: what may happen. Every business rule lives here, once."""
