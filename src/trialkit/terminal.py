"""What the command says on the terminal: files written, differences found."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

AGREE, DIFFER = 0, 1


def show_differences(differences: tuple[Any, ...], *, title: str, quiet: bool) -> int:
    """Print what differs and return the exit code."""
    if not differences:
        if not quiet:
            console().print(f"agree: {title}", highlight=False, markup=False, soft_wrap=True)
        return AGREE
    if not quiet:
        console().print(difference_table(differences, title=title))
    return DIFFER


def difference_table(differences: tuple[Any, ...], *, title: str) -> "Table":
    """Return the terminal table of differences, every digit shown."""
    from rich.markup import escape
    from rich.table import Table

    heading = escape(f"{len(differences)} differences: {title}")
    table = Table(title=heading, title_justify="left")
    for head in ("where", "ours", "theirs"):
        table.add_column(head, overflow="fold")
    for item in differences:
        table.add_row(*map(escape, (item.where, repr(item.ours), repr(item.theirs))))
    return table


def announce(
    written: Any, *, notes: tuple[str, ...] = (), verb: str = "wrote", quiet: bool
) -> None:
    """Name the files that were written, and what a reader should know of them."""
    if quiet:
        return
    for note in notes:
        console().print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)
    for path in written:
        console().print(f"{verb} {path}", highlight=False, markup=False, soft_wrap=True)


def console(*, stderr: bool = False) -> "Console":
    """Return a terminal to print on."""
    from rich.console import Console

    return Console(stderr=stderr)
