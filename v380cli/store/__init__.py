"""Our own files in the user data directory."""
