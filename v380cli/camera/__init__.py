"""What one can do with a camera, one use case a file."""
