"""``study.toml`` and ``articles/*.toml`` to frozen objects; every mistake at once."""

import difflib
import tomllib
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin
from unicodedata import category

from pydantic import BaseModel, ValidationError

from trialkit.errors import Finding, SpecificationError
from trialkit.study.article import Article
from trialkit.study.methods import method_findings
from trialkit.study.published import PublishedFigure, read_published_figures
from trialkit.study.references import reference_findings
from trialkit.study.study import Study

Model = TypeVar("Model", bound=BaseModel)

STUDY_FILE: Final = "study.toml"
DEEPEST: Final = 30


def read_study(folder: str | Path) -> Study:
    """Read a study folder's ``study.toml`` into a frozen Study.

    Parameters
    ----------
    folder : str or Path
        The study folder, or the path of its ``study.toml``.

    Returns
    -------
    Study
        With the printed figures of ``data.published_figures``, if it names any.

    Raises
    ------
    SpecificationError
        If the file cannot be read; unknown keys, wrong types, values outside their
        vocabulary and dangling references are listed together, each with its path
        (``analysis[2].contrasts[0]``) and the allowed values.

    Examples
    --------
    >>> import trialkit as tk
    >>> tk.read_study("data/licorice-sore-throat").id  # doctest: +SKIP
    'licorice-sore-throat'
    """
    path = Path(folder)
    path = path if path.name == STUDY_FILE else path / STUDY_FILE
    raw = read_toml(path)
    study, findings = parse(Study, raw)
    findings += [*reference_findings(raw), *method_findings(raw)]
    if study is None or findings:
        raise mistakes(path, findings)
    figures = study_figures(study, path.parent)
    return study.model_copy(update={"published": figures, "folder": path.parent})


def study_figures(study: Study, folder: Path) -> tuple[PublishedFigure, ...]:
    """Return the printed figures of a study; none if it names no table of them."""
    if study.data.published_figures is None:
        return ()
    table = inside(folder, study.data.published_figures, where="data.published_figures")
    figures = read_published_figures(table)
    findings = figure_findings(study, figures)
    if findings:
        raise mistakes(table, findings)
    return figures


def figure_findings(study: Study, figures: tuple[PublishedFigure, ...]) -> list[Finding]:
    """Return the ids of printed figures that the study does not have.

    A population may be one that only the figures know, such as stimuli instead of people.
    """
    known = {
        "endpoint": tuple(item.id for item in study.endpoint),
        "visit": tuple(item.id for item in study.visit),
        "arm": tuple(item.id for item in study.arm),
        "reference_arm": tuple(item.id for item in study.arm),
        "responder": tuple(rule.key for item in study.endpoint for rule in item.responder),
    }
    return [
        Finding(
            where=f"line {line}, {column}",
            expected="an id of study.toml",
            allowed=tuple(dict.fromkeys(allowed)),
            found=repr(getattr(figure, column)),
        )
        for line, figure in enumerate(figures, start=2)
        for column, allowed in known.items()
        if getattr(figure, column) is not None and getattr(figure, column) not in allowed
    ]


def read_article(path: str | Path) -> Article:
    """Read one article and its claims.

    Raises
    ------
    SpecificationError
        As ``read_study``: every mistake with its path and the allowed values.
    """
    path = Path(path)
    article, findings = parse(Article, read_toml(path))
    if article is None:
        raise mistakes(path, findings)
    return article


def read_articles(folder: str | Path) -> tuple[Article, ...]:
    """Read every article of a folder, newest first; none if the folder does not exist."""
    articles = [read_article(path) for path in sorted(Path(folder).glob("*.toml"))]
    return tuple(sorted(articles, key=lambda item: item.article.published, reverse=True))


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file, or say which line cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SpecificationError(
            f"no {path.name} in {path.parent}; `trialkit new FOLDER --data FILE` writes one"
        ) from error
    except OSError as error:
        raise SpecificationError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SpecificationError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except RecursionError as error:
        raise SpecificationError(f"{path} is not read: its entries are nested too deep") from error
    except ValueError as error:  # also a whole number of thousands of digits
        raise SpecificationError(f"{path} is not valid TOML: {error}") from error


def parse(model: type[Model], raw: Mapping[str, Any]) -> tuple[Model | None, list[Finding]]:
    """Return the object and no findings, or no object and what is wrong."""
    unreadable = list(text_findings(raw))
    try:
        found = model.model_validate(raw)
    except ValidationError as error:
        items = error.errors(include_url=False)
        return None, [*(finding_from(model, raw, dict(item)) for item in items), *unreadable]
    return (None, unreadable) if unreadable else (found, [])


def text_findings(value: object, location: tuple[str | int, ...] = ()) -> Iterator[Finding]:
    """Yield the texts and keys of a file that hold control characters, each with its path."""
    if len(location) > DEEPEST:
        yield Finding(
            where=entry_path(location[:3]),
            expected=f"entries nested at most {DEEPEST} deep",
            found="more",
        )
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from control_findings(key, (*location, key))
            yield from text_findings(item, (*location, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from text_findings(item, (*location, position))
    elif isinstance(value, str):
        yield from control_findings(value, location)


def control_findings(text: str, location: tuple[str | int, ...]) -> Iterator[Finding]:
    """Yield the first control character of a text; line breaks and tabs are none."""
    found = next((sign for sign in text if category(sign) == "Cc" and sign not in "\n\r\t"), None)
    if found is not None:
        yield Finding(
            where=entry_path(tuple(map(printed, location))),
            expected="text without control characters",
            found=f"U+{ord(found):04X} at position {text.index(found)}",
            remedy="delete it: a report cannot show it",
        )


def printed(part: str | int) -> str | int:
    """Return a part of a path as a message can show it."""
    return part if isinstance(part, int) or part.isprintable() else ascii(part)


def mistakes(path: Path, findings: list[Finding]) -> SpecificationError:
    """Return the error that lists all mistakes of a file once each."""
    unique = list(dict.fromkeys(findings))
    count = "1 mistake" if len(unique) == 1 else f"{len(unique)} mistakes"
    return SpecificationError(f"{path} has {count}", unique)


def finding_from(model: type[BaseModel], raw: Mapping[str, Any], item: dict[str, Any]) -> Finding:
    """Return a finding in the user's terms from one of pydantic's error items."""
    location = keys_of_file(raw, item["loc"])
    if item["type"] == "missing":
        location = (*location, item["loc"][-1])
    where = entry_path(location)
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        keys = known_keys(model, location[:-1])
        close = difflib.get_close_matches(str(location[-1]), keys, n=1)
        remedy = f"did you mean `{close[0]}`?" if close else ""
        return Finding(
            where=where, expected="a known key", found="an unknown key", allowed=keys, remedy=remedy
        )
    if kind == "missing":
        return Finding(where=where, expected="a required entry", found="nothing")
    if kind == "literal_error":
        return Finding(
            where=where,
            expected="one of a closed list",
            allowed=tuple(part.strip(" '") for part in quoted(context["expected"])),
            found=repr(item["input"]),
        )
    message = str(item["msg"]).removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    message = message.removeprefix("input should be ")
    return Finding(where=where, expected=message, found=shown(item["input"]))


def keys_of_file(raw: object, location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return the parts of pydantic's location that stand in the file.

    The others name a branch of a union that was tried.
    """
    kept: list[str | int] = []
    current: Any = raw
    for part in location:
        listed = isinstance(current, list) and isinstance(part, int) and part < len(current)
        if listed or (isinstance(current, Mapping) and part in current):
            current = current[part]
            kept.append(part)
    return tuple(kept)


def quoted(text: str) -> list[str]:
    """Return the words of pydantic's list "'a', 'b' or 'c'"."""
    return text.replace(" or ", ", ").split(", ")


def shown(value: object) -> str:
    """Return a value as a message quotes it: short."""
    if isinstance(value, Mapping):
        return f"a table with {', '.join(map(str, value)) or 'no entries'}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def entry_path(location: tuple[str | int, ...]) -> str:
    """Return the path of an entry as TOML users count it, from 0.

    >>> entry_path(("analysis", 2, "contrasts", 0))
    'analysis[2].contrasts[0]'
    """
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path or "the file"


def known_keys(model: type[BaseModel], location: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the keys allowed at a place of the file, by walking the model's fields."""
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        if isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(str(part))
            current = inner_model(field.annotation) if field else None
    if isinstance(current, type) and issubclass(current, BaseModel):
        hidden = {"published", "folder"} if current is Study else set()
        return tuple(name for name in current.model_fields if name not in hidden)
    return ()


def inner_model(annotation: Any) -> Any:
    """Return the model inside an optional, tuple or mapping annotation, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is not None or isinstance(annotation, types.UnionType):
        for argument in get_args(annotation):
            found = inner_model(argument)
            if found is not None:
                return found
    return None


def inside(folder: Path, name: str, *, where: str) -> Path:
    """Return a file of the study folder; refuse a path that leads out of it.

    Raises
    ------
    SpecificationError
        If the path is absolute, climbs out of the folder (also through a link), or does
        not exist.
    """
    root = folder.resolve()
    try:
        path = (folder / name).resolve()
        found = path.is_file()
    except (OSError, ValueError) as error:
        raise SpecificationError(
            f"{where}: expected the name of a file, found {shown(name)}"
        ) from error
    if not path.is_relative_to(root):
        raise SpecificationError(
            f"{where}: expected a file inside the study folder, found {name!r}; copy the file "
            "into the folder, or declare a public source with url, sha256 and licence"
        )
    if not found:
        raise SpecificationError(f"{where}: there is no file {shown(name)} in {folder}")
    return path
