"""Pictures that a person looks at: a window or a terminal."""
