"""What stands in the way between this machine and a camera, and what to do about it."""
