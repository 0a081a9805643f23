"""Every pipeline on one catalogue, under named protocols, in one table."""
