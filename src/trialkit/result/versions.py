"""The versions of everything that made a result."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

NOT_INSTALLED: Final = "not installed"
PACKAGES: Final = ("numpy", "scipy", "pandas", "formulaic", "pydantic", "matplotlib", "typst")


def package_version(name: str) -> str:
    """Return the installed version of a package, or say that it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return NOT_INSTALLED


def package_versions() -> tuple[tuple[str, str], ...]:
    """Return name and version of each package that a number or a page depends on."""
    return tuple((name, package_version(name)) for name in PACKAGES)


def platform_name() -> str:
    """Return operating system and processor, without the machine's name."""
    return f"{platform.system()} {platform.machine()}"
