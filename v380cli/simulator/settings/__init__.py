"""The settings that the simulated camera keeps and answers for."""
