"""Records and rules: pure functions over frozen dataclasses."""
