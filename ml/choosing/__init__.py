"""Choosing what is asked next: what products look like, a quick model, and the default recipe."""
