"""Cameras as our servers ask for them."""
