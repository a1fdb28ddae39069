"""The device list as documents and files, and whether its cameras let us in."""
