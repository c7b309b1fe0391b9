"""Figures out of samples, for a machine that others use too: medians of interleaved rounds."""

from collections.abc import Callable, Sequence
from statistics import median

__all__ = ["alternate", "median", "percentile", "typical_percentile"]


def percentile(samples: Sequence[float], share: float) -> float:
    """The sample that `share` of all samples do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


def typical_percentile(rounds: Sequence[Sequence[float]], share: float) -> float:
    """The percentile of the median round: a burst of other work on the machine spoils one round, not the figure."""
    return median(percentile(each, share) for each in rounds)


def alternate(times: int, *actions: Callable[[], float]) -> list[list[float]]:
    """What each action returns, a list an action, where they ran in turn: A B A B."""
    results: list[list[float]] = [[] for _ in actions]
    for _ in range(times):
        for result, action in zip(results, actions, strict=True):
            result.append(action())
    return results
