"""The cells of a table of a page, row by row, a name that several rows share in each of them."""

from collections.abc import Callable, Iterator

from lxml import html


def rows_of_page(
    table: html.HtmlElement,
    text_of: Callable[[html.HtmlElement], str] = html.HtmlElement.text_content,
) -> Iterator[tuple[html.HtmlElement, list[str]]]:
    """Yield every row and the texts of its cells; a head over several rows counts in each."""
    name, left = "", 0
    for row in table.xpath(".//tr"):
        texts = [text_of(cell) for cell in row.xpath("./th|./td")]
        if left:
            texts, left = [name, *texts], left - 1
        else:
            name, left = texts[0], int(row[0].get("rowspan", "1")) - 1
        yield row, texts
    assert left == 0
