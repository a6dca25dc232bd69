"""What every test shares: the reference set beside the repository, and how examples are drawn."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from reference_cases import shared_folder

ROOT = Path(__file__).parents[1]

# A slow machine is no defect, and in continuous integration a failure must come back.
settings.register_profile("desk", deadline=None, max_examples=30)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds ``data/``, ``analyses/`` and ``reports/``."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public files that are not in the repository (``TRIALKIT_SHARED``).

    Without it the test is skipped; in continuous integration it fails.
    """
    folder = shared_folder()
    if folder.is_dir():
        return folder
    reason = "the shared reference files are not here; TRIALKIT_SHARED says where they are"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
