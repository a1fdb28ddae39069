"""Use cases that bring cameras, media and our own files together; knows no terminal."""
