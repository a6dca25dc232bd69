"""``study.toml`` and ``articles/*.toml`` to frozen objects; every mistake at once."""

import difflib
import tomllib
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from trialkit.errors import Finding, SpecificationError
from trialkit.study.article import Article
from trialkit.study.methods import method_findings
from trialkit.study.published import PublishedFigure, read_published_figures
from trialkit.study.references import reference_findings
from trialkit.study.study import Study

Model = TypeVar("Model", bound=BaseModel)

STUDY_FILE: Final = "study.toml"


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
    except tomllib.TOMLDecodeError as error:
        raise SpecificationError(f"{path} is not valid TOML: {error}") from error


def parse(model: type[Model], raw: Mapping[str, Any]) -> tuple[Model | None, list[Finding]]:
    """Return the object and no findings, or no object and what is wrong."""
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        return None, [finding_from(model, dict(item)) for item in error.errors(include_url=False)]


def mistakes(path: Path, findings: list[Finding]) -> SpecificationError:
    """Return the error that lists all mistakes of a file once each."""
    unique = list(dict.fromkeys(findings))
    count = "1 mistake" if len(unique) == 1 else f"{len(unique)} mistakes"
    return SpecificationError(f"{path} has {count}", unique)


def finding_from(model: type[BaseModel], item: dict[str, Any]) -> Finding:
    """Return a finding in the user's terms from one of pydantic's error items."""
    location = tuple(part for part in item["loc"] if not is_branch(part))
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


def is_branch(part: object) -> bool:
    """Return whether a part of pydantic's location names a branch of a union, not a key."""
    return isinstance(part, str) and (
        part in {"str", "int", "float", "bool"} or "[" in part or part.startswith("literal")
    )


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
    path = (folder / name).resolve()
    if not path.is_relative_to(root):
        raise SpecificationError(
            f"{where}: expected a file inside the study folder, found {name!r}; copy the file "
            "into the folder, or declare a public source with url, sha256 and licence"
        )
    if not path.is_file():
        raise SpecificationError(f"{where}: there is no file {name!r} in {folder}")
    return path
