"""One thread of linear algebra for a verb: small matrices are many times slower on several."""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")


@cache
def linear_algebra() -> ThreadpoolController:
    """Return the control of the linear algebra libraries that numpy and scipy have loaded."""
    return ThreadpoolController().select(user_api="blas")


def on_one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that holds linear algebra to one thread while it runs."""

    @wraps(function)
    def held(*args: P.args, **kwargs: P.kwargs) -> R:
        with linear_algebra().limit(limits=1):
            return function(*args, **kwargs)

    return held
