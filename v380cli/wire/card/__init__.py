"""Messages of the SD card: lists, playback and what they carry."""
