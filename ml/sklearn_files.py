"""Fitted scikit-learn estimators on disk: skops files, which hold arrays and names of types.

A name of a type in a file is what could run code, so each is looked up in a list before skops
builds anything.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from skops.io import dump, load
from skops.io.exceptions import UntrustedTypesFoundException

from ml.errors import ArtifactError

SCHEMA = "schema.json"  # skops's own list of what the file holds, and of which types

ESTIMATORS = frozenset(
    {
        "sklearn.cluster._kmeans.KMeans",
        "sklearn.decomposition._lda.LatentDirichletAllocation",
        "sklearn.decomposition._nmf.NMF",
        "sklearn.decomposition._pca.PCA",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.pipeline.Pipeline",
    }
)
PARTS = frozenset(
    {
        "builtins.bool",
        "builtins.dict",
        "builtins.float",
        "builtins.int",
        "builtins.list",
        "builtins.str",
        "builtins.tuple",
        "numpy.bool",
        "numpy.float32",
        "numpy.float64",
        "numpy.int32",
        "numpy.int64",
        "numpy.ndarray",
        "numpy.random.mtrand.RandomState",
        "scipy.sparse._csr.csr_array",
        "scipy.sparse._csr.csr_matrix",
    }
)

Estimator = TypeVar("Estimator")


def save_estimator(path: Path, estimator: object) -> None:
    """Write a fitted estimator.

    Raises
    ------
    ValueError
        If it holds a type that ``load_estimator`` would refuse, found now rather than then.
    """
    dump(estimator, path, compression=zipfile.ZIP_DEFLATED)
    unknown = _types_of(path) - ESTIMATORS - PARTS
    if unknown:
        path.unlink()
        raise ValueError(f"not in the lists of ml.sklearn_files: {', '.join(sorted(unknown))}")


def load_estimator(path: Path, kind: type[Estimator]) -> Estimator:
    """Read what ``save_estimator`` wrote.

    Parameters
    ----------
    kind
        The class that the file has to hold.

    Raises
    ------
    ArtifactError
        If the file can't be read, asks for a type that is not in the lists, or holds another kind.
    """
    try:
        unknown = _types_of(path) - ESTIMATORS - PARTS
        if unknown:
            raise ArtifactError(
                f"the model file {path} asks for {', '.join(sorted(unknown))}, which no model of "
                "this program uses; don't trust where it comes from, and train the model again"
            )
        found = load(path, trusted=sorted(ESTIMATORS | PARTS))
    except (
        AttributeError,
        ImportError,
        KeyError,
        OSError,
        RecursionError,
        TypeError,
        UntrustedTypesFoundException,
        ValueError,
        zipfile.BadZipFile,
    ) as error:
        raise ArtifactError(
            f"the model file {path} can't be read; train the model again or restore a backup"
        ) from error
    if not isinstance(found, kind):
        raise ArtifactError(
            f"the model file {path} holds a {type(found).__name__} in place of a {kind.__name__}; "
            "train the model again or restore a backup"
        )
    return found


def _types_of(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(_named_types(json.loads(archive.read(SCHEMA))))


def _named_types(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        # Code is named by other keys too, such as a function's, but never without these two.
        if "__module__" in node or "__class__" in node:
            yield f"{node.get('__module__')}.{node.get('__class__')}"
        for part in node.values():
            yield from _named_types(part)
    elif isinstance(node, list):
        for part in node:
            yield from _named_types(part)
