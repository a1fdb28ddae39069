"""Read and change the settings of one camera."""
