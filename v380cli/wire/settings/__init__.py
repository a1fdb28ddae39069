"""Messages that read and change a camera's settings."""
