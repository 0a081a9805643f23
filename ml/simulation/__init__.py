"""A labelled catalogue replayed, as if people labelled it, to see what each sampler would cost."""
