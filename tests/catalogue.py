"""Bring every catalogue of messages up to date with the program: `make catalogue`.

New messages are added without a translation, those no longer said are removed. A report
speaks a language when each of its messages is translated; the tests hold that.
"""

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from trialkit.language.speech import CATALOGUES, ENGLISH, languages

SOURCE = Path(__file__).parents[1] / "src" / "trialkit"
ONE = frozenset({"say", "later", "say_runs", "tell"})
COUNTED = frozenset({"say_count", "later_count", "tell_count"})
HEADER = "# {language} catalogue of trialkit's reports.\n"

Message = tuple[str | None, str | tuple[str, str]]


def constants(node: ast.expr) -> list[str]:
    """Return the texts that an argument can be: itself, or both sides of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*constants(node.body), *constants(node.orelse)]
    return []


def of_module(path: Path) -> Iterator[Message]:
    """Yield the messages of a module as (context, text) or (context, (one, many))."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [constants(argument) for argument in node.args]
        if node.func.id in ONE and texts:
            for text in texts[0]:
                yield None, text
        elif node.func.id == "say_as" and len(texts) > 1:
            for context in texts[0]:
                for text in texts[1]:
                    yield context, text
        elif node.func.id in COUNTED:
            pair = texts[-2:] if node.func.id == "later_count" else texts[1:3]
            if len(pair) == 2 and all(pair):
                yield None, (pair[0][0], pair[1][0])


def of_template(path: Path) -> Iterator[Message]:
    """Yield the messages of a page's template."""
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    found = extract_from_ast(tree, gettext_functions=("say",))
    for _, _, text in found:
        if isinstance(text, str):
            yield None, text


def said() -> list[Message]:
    """Return every message that the program can say, each once."""
    modules = (item for path in sorted(SOURCE.rglob("*.py")) for item in of_module(path))
    templates = (item for path in sorted(SOURCE.rglob("*.j2")) for item in of_template(path))
    return list(dict.fromkeys((*modules, *templates)))


def read_catalogue(language: str) -> Catalog:
    """Return the stored catalogue of a language."""
    with (CATALOGUES / f"{language}.po").open("rb") as stream:
        return read_po(stream, locale=language)


def updated(language: str) -> Catalog:
    """Return a catalogue with exactly the messages that the program can say."""
    stored = read_catalogue(language)
    fresh = Catalog(locale=language, fuzzy=False)
    for context, text in said():
        known = stored.get(text[0] if isinstance(text, tuple) else text, context=context)
        string = known.string if known is not None else None
        fresh.add(text, string, context=context)
    # What the study's author writes may be translated too: words of units.
    for message in stored:
        if message.context == "unit":
            fresh.add(message.id, message.string, context="unit")
    return fresh


def written(catalogue: Catalog, language: str) -> bytes:
    """Return a catalogue as its file holds it: sorted, without a clock."""
    stream = BytesIO()
    write_po(stream, catalogue, width=100, no_location=True, omit_header=True, sort_output=True)
    name = catalogue.locale.get_display_name("en") if catalogue.locale else language
    head = (
        HEADER.format(language=name)
        + 'msgid ""\nmsgstr ""\n'
        + f'"Language: {language}\\n"\n'
        + '"Content-Type: text/plain; charset=utf-8\\n"\n'
        + f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return head.encode() + stream.getvalue()


def main() -> None:
    """Write every catalogue anew and count what waits for a translation."""
    for language in languages():
        if language == ENGLISH:
            continue
        catalogue = updated(language)
        (CATALOGUES / f"{language}.po").write_bytes(written(catalogue, language))
        waiting = sum(not all(strings(message)) for message in catalogue if message.id)
        print(f"{language}: {len(catalogue)} messages, {waiting} without a translation")  # noqa: T201


def strings(message: object) -> tuple[str, ...]:
    """Return the translations of a message: one, or one for each plural."""
    string = getattr(message, "string", "")
    return tuple(string) if isinstance(string, tuple | list) else (string,)


if __name__ == "__main__":
    main()
