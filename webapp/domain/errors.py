"""Errors that a user may see: the message is plain language and is translated at the door."""

from __future__ import annotations


class AppError(Exception):
    """A refusal in plain language.

    Parameters
    ----------
    message
        An English sentence, the key of its translation; ``%(name)s`` marks a value.
    values
        What stands in those places.
    """

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class NotFoundError(AppError):
    """What was asked for does not exist."""


class ForbiddenError(AppError):
    """The person may not do this."""


class InvalidInputError(AppError):
    """What was sent cannot be used; the message says what was expected."""


class ConflictError(AppError):
    """Somebody or something was faster, and the state no longer allows it."""


class AlreadyAnnotatedError(ConflictError):
    """The product has been decided meanwhile."""


class LeaseLostError(ConflictError):
    """The product is no longer lent to this person."""


class JobCancelledError(AppError):
    """The job was asked to stop, or somebody else runs it now."""
