"""Everything that differs between installations, read once from ``SHELFWISE_*`` variables."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DEFAULT_HOME = "var"
_MOST = 999_999_999  # of any number: as seconds 31 years, and no date overflows


class ConfigError(ValueError):
    """A setting is missing or cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class ImageSettings:
    """Those of the image network, which also serve where there is no home folder."""

    backbone: str
    weights: Path | None
    pooling: str | None
    precision: str | None


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one installation; ``docs/operations.md`` explains each.

    Parameters
    ----------
    home
        Folder of the database, the images, the features, the models and the secret key.
    database_url
        SQLAlchemy address; the default is ``shelfwise.db`` in ``home``.
    queue_url
        Where job ids wait for a worker: ``sqlite`` (a file in ``home``) or ``redis://...``.
    secret_key
        Signs sessions and forms; made once and kept in ``home`` unless it is given.
    """

    home: Path
    database_url: str
    queue_url: str
    secret_key: str
    text_pipeline: str = "text_pair"
    image_pipeline: str = "backbone"
    image_backbone: str = "VGG16"
    image_weights: Path | None = None
    image_pooling: str | None = None
    image_precision: str | None = None
    max_upload_mb: int = 2000
    max_image_mb: int = 30
    max_image_megapixels: int = 120
    lease_s: int = 600
    job_stale_s: int = 10
    is_secure_cookie: bool = False

    @property
    def images_dir(self) -> Path:
        """Originals and renditions, addressed by the SHA-256 of the original."""
        return self.home / "images"

    @property
    def features_dir(self) -> Path:
        """Features of frozen backbones, computed once for each image content."""
        return self.home / "features"

    @property
    def models_dir(self) -> Path:
        """One folder a model version."""
        return self.home / "models"

    @property
    def uploads_dir(self) -> Path:
        """Uploaded files that wait for their import."""
        return self.home / "uploads"


def read_config(home: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the settings and make the home folder.

    Raises
    ------
    ConfigError
        If a value cannot be read; the message names the variable and what was expected.
    """
    home = home or Path(environ.get("SHELFWISE_HOME", DEFAULT_HOME))
    try:
        home = home.expanduser().resolve()
        home.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # the latter where ~ leads nowhere
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"the home folder {home} cannot be made: {reason}") from error
    image = read_image_settings(environ)
    return Config(
        home=home,
        database_url=environ.get("SHELFWISE_DATABASE_URL") or f"sqlite:///{home / 'shelfwise.db'}",
        queue_url=environ.get("SHELFWISE_QUEUE_URL", "sqlite"),
        secret_key=environ.get("SHELFWISE_SECRET_KEY") or _kept_secret(home / "secret_key"),
        text_pipeline=environ.get("SHELFWISE_TEXT_PIPELINE", "text_pair"),
        image_pipeline=environ.get("SHELFWISE_IMAGE_PIPELINE", "backbone"),
        image_backbone=image.backbone,
        image_weights=image.weights,
        image_pooling=image.pooling,
        image_precision=image.precision,
        max_upload_mb=_whole(environ, "SHELFWISE_MAX_UPLOAD_MB", 2000),
        max_image_mb=_whole(environ, "SHELFWISE_MAX_IMAGE_MB", 30),
        max_image_megapixels=_whole(environ, "SHELFWISE_MAX_IMAGE_MEGAPIXELS", 120),
        lease_s=_whole(environ, "SHELFWISE_LEASE_S", 600),
        job_stale_s=_whole(environ, "SHELFWISE_JOB_STALE_S", 10),
        is_secure_cookie=environ.get("SHELFWISE_SECURE_COOKIE", "") == "1",
    )


def read_image_settings(environ: Mapping[str, str] = os.environ) -> ImageSettings:
    """Read what the image network is told; nothing is made."""
    weights = environ.get("SHELFWISE_IMAGE_WEIGHTS")
    return ImageSettings(
        backbone=environ.get("SHELFWISE_IMAGE_BACKBONE", "VGG16"),
        weights=Path(weights).expanduser().resolve() if weights else None,
        pooling=environ.get("SHELFWISE_IMAGE_POOLING") or None,
        precision=environ.get("SHELFWISE_IMAGE_PRECISION") or None,
    )


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > len(str(_MOST)) or int(text) < 1:
        raise ConfigError(
            f"{name} is {text[:40]!r}; a whole number from 1 to {_MOST:,} was expected"
        )
    return int(text)


def _kept_secret(path: Path) -> str:
    """Return the key in ``path``; make it, readable by the owner alone, where there is none."""
    if not path.exists():
        _make_secret(path)
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"the secret key {path} cannot be read: {error.strerror}") from error
    if len(key) < 32 or not key.isascii():  # what a full disk left must not sign sessions
        raise ConfigError(f"the secret key in {path} is damaged: delete the file to get a new one")
    return key.decode()


def _make_secret(path: Path) -> None:
    """Write a new key beside ``path`` and give it its name, unless another process was faster."""
    unfinished = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as f:
            f.write(secrets.token_urlsafe(48))
        os.link(unfinished, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigError(f"the secret key {path} cannot be made: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
