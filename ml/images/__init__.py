"""Pipelines that look at the photo."""
