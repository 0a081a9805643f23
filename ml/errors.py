"""The errors of ``ml``: each message is plain language that a person at a page may read."""


class MlError(Exception):
    """Something that a user or an admin can mend; the message says what and how."""


class NotEnoughDataError(MlError):
    """There are too few products, labels or categories for what was asked."""


class WeightsUnavailableError(MlError):
    """The pretrained weights of a backbone are neither in a file nor to be fetched."""


class ArtifactError(MlError):
    """A fitted pipeline on disk is missing, damaged or of an unknown format."""


class UnreadableImageError(MlError):
    """An image is damaged, too large or of a format that is not read; the message says which."""
