"""A backbone and its ImageNet weights, from a file or Keras's cache; only ``fetch`` downloads."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.src.backend.config import keras_home  # the rule has no public name
from numpy.typing import NDArray

from ml.artifacts import sha256_of
from ml.contract import PipelineSettings
from ml.errors import MlError, WeightsUnavailableError

IMAGE_SIZE_PX = (224, 224)  # the input of VGG16 and MobileNetV2
POOLINGS = ("flatten", "avg", "max")
PRECISIONS = ("float32", "mixed_bfloat16")
# Keras's own name of the file that the study used; other backbones are kept by ``fetch``.
OFFICIAL_FILES = {"VGG16": "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"}
# Processor flags of matrix products in bfloat16, as Linux lists them.
BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


# What h5py and Keras raise on files that are damaged or another network's.
UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    UserWarning,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a backbone's features depend on, besides the image and the preprocessing."""

    backbone: str
    pooling: str
    image_size_px: tuple[int, int]
    precision: str


def recipe_of(settings: PipelineSettings) -> Recipe:
    """Fill in what the settings leave open.

    Raises
    ------
    MlError
        If the pooling or precision is none of the known.
    """
    pooling = settings.pooling or ("flatten" if settings.backbone == "VGG16" else "avg")
    if pooling not in POOLINGS:
        raise MlError(f"there is no pooling {pooling!r}; there are: {', '.join(POOLINGS)}")
    image_size_px = settings.image_size_px or IMAGE_SIZE_PX
    return Recipe(settings.backbone, pooling, image_size_px, precision_of(settings))


def precision_of(settings: PipelineSettings) -> str:
    """Return the precision of the settings, or else the fastest one here.

    Raises
    ------
    MlError
        If it is none of the known.
    """
    precision = settings.precision or fastest_precision()
    if precision not in PRECISIONS:
        raise MlError(f"there is no precision {precision!r}; there are: {', '.join(PRECISIONS)}")
    return precision


@lru_cache(maxsize=1)
def fastest_precision(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return ``mixed_bfloat16`` where the processor multiplies it, which doubles VGG16's speed.

    Elsewhere bfloat16 is emulated and slower than float32.
    """
    try:
        flags = set(cpuinfo.read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return "float32"
    return "mixed_bfloat16" if flags & BFLOAT16_FLAGS else "float32"


def constructor_of(backbone: str) -> Callable[..., keras.Model]:
    """Return the function of ``keras.applications`` that makes ``backbone``.

    Raises
    ------
    MlError
        If there is none.
    """
    known = sorted(name for name in dir(keras.applications) if name[:1].isupper())
    if backbone not in known:
        raise MlError(
            f"keras.applications has no backbone {backbone!r}; it has: {', '.join(known)}"
        )
    found: Callable[..., keras.Model] = getattr(keras.applications, backbone)
    return found


def preprocess(backbone: str, pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Bring RGB pixels, 0 to 255, to what the backbone was trained on: the same shape."""
    module = sys.modules[constructor_of(backbone).__module__]
    # Some backbones change the array in place, some scale inside the network.
    prepared = module.preprocess_input(pixels.astype(np.float32))
    return np.asarray(prepared, dtype=np.float32)


def find_file(settings: PipelineSettings) -> Path:
    """Return the file of the backbone's weights.

    Raises
    ------
    WeightsUnavailableError
        If the file of the settings is not there, or none is set and Keras's cache holds none.
    """
    if settings.weights is not None:
        if settings.weights.is_file():
            return settings.weights
        raise WeightsUnavailableError(
            f"the weights file {settings.weights} does not exist; expected is a file of the "
            f"ImageNet weights of {settings.backbone} without its top, such as Keras's own "
            f"{OFFICIAL_FILES.get(settings.backbone, '.weights.h5')}"
        )
    candidates = [_kept_file(settings.backbone)]
    if settings.backbone in OFFICIAL_FILES:
        candidates.append(_cache_dir() / OFFICIAL_FILES[settings.backbone])
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise WeightsUnavailableError(
        f"no weights file is set and Keras's cache holds none of {settings.backbone}; name a file "
        "(SHELFWISE_IMAGE_WEIGHTS), or let Keras download it once (shelfwise weights fetch)"
    )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a weights file, computed once for each state of the file."""
    status = path.stat()
    return _digest(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=8)
def _digest(path: Path, mtime_ns: int, size: int) -> str:
    return sha256_of(path)


def load_backbone(recipe: Recipe, weights: Path) -> keras.Model:
    """Return the frozen backbone without its top; the last one loaded is remembered.

    Raises
    ------
    WeightsUnavailableError
        If the file is damaged, or holds another backbone's weights.
    """
    return _load_backbone(recipe, weights, digest_of(weights))


@lru_cache(maxsize=1)
def _load_backbone(recipe: Recipe, weights: Path, digest: str) -> keras.Model:
    construct = constructor_of(recipe.backbone)
    policy_before = keras.config.dtype_policy()
    # The constructors of keras.applications take no dtype; the policy is theirs for a moment.
    keras.config.set_dtype_policy(recipe.precision)
    try:
        model = construct(
            include_top=False,
            weights=None,
            input_shape=(*recipe.image_size_px, 3),
            pooling=None if recipe.pooling == "flatten" else recipe.pooling,
        )
        if recipe.pooling == "flatten":
            flat = keras.layers.Flatten()(model.output)
            whole = keras.Model(model.inputs, flat)
        else:
            whole = model
    except ValueError as error:
        raise MlError(f"{recipe.backbone} can't be built for these settings: {error}") from error
    finally:
        keras.config.set_dtype_policy(policy_before)
    try:
        with warnings.catch_warnings():
            # Keras warns, and leaves layers with random weights, where the file lacks them.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(weights)
    except UNREADABLE as error:
        raise WeightsUnavailableError(
            f"the weights file {weights} can't be read as {recipe.backbone}'s: it is damaged or "
            f"another network's; expected are its ImageNet weights without the top, in Keras's "
            f".h5 or .weights.h5 layout ({_first_line(error)})"
        ) from error
    whole.trainable = False
    return whole


def problem(settings: PipelineSettings) -> str | None:
    """Say in plain words why the backbone can't run, or return None where it can."""
    try:
        load_backbone(recipe_of(settings), find_file(settings))
    except MlError as error:
        return str(error)
    return None


def fetch(backbone: str) -> Path:
    """Let Keras download the ImageNet weights of a backbone, and return their file.

    Raises
    ------
    WeightsUnavailableError
        If there is no network, or the download fails.
    """
    construct = constructor_of(backbone)
    try:
        model = construct(include_top=False, weights="imagenet", input_shape=(*IMAGE_SIZE_PX, 3))
    except Exception as error:  # Keras raises a bare Exception where the download fails
        raise WeightsUnavailableError(
            f"the weights of {backbone} could not be downloaded: {_first_line(error)}"
        ) from error
    if backbone in OFFICIAL_FILES:
        return _cache_dir() / OFFICIAL_FILES[backbone]
    # Keras names its files in many ways; a copy under a name of ours is found again.
    kept = _kept_file(backbone)
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_name(f"{os.getpid()}-{kept.name}")
    model.save_weights(unfinished)
    unfinished.replace(kept)
    return kept


def _cache_dir() -> Path:
    """Return where Keras keeps what it downloads."""
    return Path(keras_home()) / "models"


def _kept_file(backbone: str) -> Path:
    return _cache_dir() / f"{backbone}_imagenet_no_top.weights.h5"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]
