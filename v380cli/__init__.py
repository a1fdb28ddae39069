"""v380cli: find, record and manage V380 cameras on the owner's own network."""

__version__ = "0.1.0"
