"""What a camera is set to: read, changed and read back, kept in files."""
