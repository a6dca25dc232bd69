"""Messages with runs of another style inside them."""

from dataclasses import replace
from string import Formatter

from trialkit.language.speech import say
from trialkit.report.document import Run, Runs, RunStyle


def say_runs(message: str, /, style: RunStyle = "plain", **values: Run | str) -> Runs:
    """Return a message in runs: its own words in one style, each value in the style it has.

    >>> say_runs("It is {size}.", size=Run("large", "strong"))
    (Run(text='It is ', ...), Run(text='large', style='strong', ...), Run(text='.', ...))
    """
    runs: list[Run] = []
    for words, name, _, _ in Formatter().parse(say(message)):
        value = "" if name is None else values[name]
        for part in (words, value):
            run = part if isinstance(part, Run) else Run(part, style)
            last = runs[-1] if runs else None
            if last is not None and (last.style, last.href) == (run.style, run.href):
                runs[-1] = replace(last, text=last.text + run.text)
            elif run.text:
                runs.append(run)
    return tuple(runs)
