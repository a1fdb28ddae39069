"""A whole camera in software."""
