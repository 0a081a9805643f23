"""What tests on the real sample share: computing a backbone's features takes longer than tests."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_feature_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the first test keeps a backbone's features of the sample for the others."""
    return tmp_path_factory.mktemp("features")
