"""Background work: one module a job, and the worker that runs them."""
