"""Where media goes: containers and files."""
