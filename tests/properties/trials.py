"""Small random trials: ratings on a grid of tenths, as a rating scale gives them."""

import pandas as pd
from hypothesis import assume
from hypothesis import strategies as st

ARMS = ("breathing", "mindfulness")
ratings = st.integers(min_value=0, max_value=100).map(lambda tenths: tenths / 10)


def vary(values: list[float]) -> bool:
    """Return whether there is any spread."""
    return max(values) - min(values) > 0.05


def scatter(trial: pd.DataFrame) -> bool:
    """Return whether people stray from parallel lines, so that an adjusted model has an error."""
    centred = trial[["before", "after"]] - trial.groupby("arm")[["before", "after"]].transform(
        "mean"
    )
    x, y = centred["before"], centred["after"]
    return float(y @ y - (x @ y) ** 2 / (x @ x)) > 0.01


@st.composite
def trials(draw: st.DrawFn, arms: tuple[str, ...] = ARMS) -> pd.DataFrame:
    """Draw two ratings a person, with spread in every arm."""
    sizes = {arm: draw(st.integers(min_value=3, max_value=9)) for arm in arms}
    parts = []
    for arm, n in sizes.items():
        columns = {
            name: draw(st.lists(ratings, min_size=n, max_size=n).filter(vary))
            for name in ("before", "after")
        }
        parts.append(pd.DataFrame({"arm": arm, **columns}))
    trial = pd.concat(parts, ignore_index=True)
    assume(scatter(trial))
    return trial


responses = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=30)
levels = st.floats(min_value=0.5, max_value=0.999)
