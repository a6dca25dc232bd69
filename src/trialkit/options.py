"""What several commands are told: files to write, language, paper, silence."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

FORMATS = ("html", "pdf", "docx", "csv", "json")

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Say nothing unless it fails.")


class Formats(click.ParamType[tuple[str, ...]]):
    """A comma-separated list of output formats."""

    name = "html,pdf,json"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the formats, each once, or refuse what is none."""
        if isinstance(value, tuple):
            return value
        formats = tuple(
            dict.fromkeys(part.strip() for part in str(value).split(",") if part.strip())
        )
        unknown = [part for part in formats if part not in FORMATS]
        if unknown or not formats:
            self.fail(f"expected some of {', '.join(FORMATS)}, found {value!r}", param, ctx)
        return formats


def format_option(default: str) -> Callable[[Command], Command]:
    """Return the --format option with its default."""
    return click.option(
        "--format",
        "formats",
        type=Formats(),
        default=default,
        show_default=True,
        help="What to write, separated by commas.",
    )


language_option = click.option(
    "--language",
    default=None,
    help="Language of the report: en or de.  [default: TRIALKIT_LANGUAGE, else en]",
)
paper_option = click.option(
    "--paper",
    type=click.Choice(["a4", "letter"], case_sensitive=False),
    default="a4",
    envvar="TRIALKIT_PAPER",
    help="Paper of PDF and Word.  [default: TRIALKIT_PAPER, else a4]",
)
