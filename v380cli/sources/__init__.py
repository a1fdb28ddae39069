"""Sound on its way to a camera: files, standard input, a microphone, a synthetic voice."""
