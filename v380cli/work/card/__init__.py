"""Recordings of an SD card into files: which, where to, and what is there already."""
