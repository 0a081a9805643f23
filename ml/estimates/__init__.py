"""What labelling has brought: the share that is right, gains, and what is left to do."""
