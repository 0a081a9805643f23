"""Pipelines that read what the seller wrote."""
