"""A camera, several, or a recording on a screen, with keys."""
