"""A Dask DataFrame: the answers of one frame, from threads and from two worker processes."""

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import trialkit as tk
from repeated_trial import VISITS, fit, numbers, repeated_trial

REASON = 'a cluster needs the extra: pip install "trialkit[dask]"'
dd = pytest.importorskip("dask.dataframe", reason=REASON)
bag = pytest.importorskip("dask.bag", reason=REASON)
delayed = pytest.importorskip("dask", reason=REASON).delayed
distributed = pytest.importorskip("distributed", reason=REASON)

TRIAL = repeated_trial(30, missing=0.15, seed=4)
TRIAL.loc[5, "arm"] = None
OPTIONS: dict[str, Any] = {"covariates": "base * visit + sex + age", "summaries": ["average"]}
# Whole subjects: 5 of them in each of 12 partitions.
ROWS, PARTITIONS = 15, 12
# Seconds after which a test gives up.
PATIENCE = 60


def pieces(frame: pd.DataFrame = TRIAL) -> list[pd.DataFrame]:
    """Return a frame in whole subjects."""
    return [frame.iloc[start : start + ROWS] for start in range(0, len(frame), ROWS)]


def partitioned(frame: pd.DataFrame = TRIAL) -> Any:
    """Return a Dask DataFrame of whole subjects."""
    return dd.concat([dd.from_pandas(piece, npartitions=1) for piece in pieces(frame)])


def assert_same(actual: tk.AnalysisResult, expected: tk.AnalysisResult) -> None:
    """Assert that two results agree in every number and note."""
    np.testing.assert_allclose(numbers(actual), numbers(expected), rtol=1e-10, atol=1e-10)
    assert actual.notes == expected.notes
    assert actual.glance()["n_subjects"].item() == expected.glance()["n_subjects"].item()


@pytest.fixture(scope="module")
def whole() -> tk.AnalysisResult:
    return fit(TRIAL, **OPTIONS)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Any]:
    """Two worker processes on this machine's loopback, ended with the module."""
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            local_directory=str(tmp_path_factory.mktemp("workers")),
        ) as local,
        distributed.Client(local) as client,
    ):
        client.wait_for_workers(2, timeout=PATIENCE)
        yield client


# Threads of this process.
def test_partitions_give_the_answer_of_the_frame(whole):
    assert_same(fit(partitioned(), **OPTIONS), whole)


def test_unknown_categories_of_partitions_are_put_together(whole):
    labels = ["visit", "arm", "sex"]
    frames = [piece.astype(dict.fromkeys(labels, "category")) for piece in pieces()]
    source = dd.from_map(lambda number: frames[number], range(len(frames)), meta=frames[0].iloc[:0])

    assert_same(fit(source, **OPTIONS), whole)


def test_subjects_in_two_partitions_are_refused_with_the_way_to_divide_them():
    source = dd.concat(
        [dd.from_pandas(TRIAL[TRIAL["visit"] == visit], npartitions=1) for visit in VISITS]
    )

    with pytest.raises(tk.DataError, match=r"(?s)60 of 60 subjects.*frame\.shuffle\(on='id'\)"):
        fit(source, **OPTIONS)


def test_partitions_divided_by_subject_are_accepted(whole):
    source = dd.from_pandas(TRIAL, npartitions=1).repartition(npartitions=1)
    mixed = dd.concat([source[source["visit"] == visit] for visit in VISITS])

    assert_same(fit(mixed.shuffle(on="id"), **OPTIONS), whole)


def test_an_absent_column_is_refused():
    with pytest.raises(tk.SpecificationError, match="found 'weeks'"):
        fit(partitioned(), covariates="weeks")


def test_robust_errors_need_every_record():
    with pytest.raises(tk.SpecificationError, match='vcov: expected "model" for data that are re'):
        fit(partitioned(), df_method="satterthwaite", vcov="CR2")


def mapped(frames: Callable[[int], pd.DataFrame]) -> Any:
    """Return a Dask DataFrame of two partitions that a function makes."""
    return dd.from_map(frames, [0, 1], meta=TRIAL.iloc[:0])


def test_a_person_of_two_kinds_is_refused():
    numbered = TRIAL.assign(id=TRIAL["id"].factorize()[0])
    halves = [numbered.iloc[:91], numbered.iloc[91:].astype({"id": "str"})]

    with pytest.raises(tk.DataError, match="id: expected values of one kind in every part"):
        fit(mapped(lambda part: halves[part]), **OPTIONS)


def test_partitions_that_are_others_the_second_time_are_refused():
    reads = itertools.count()

    def other(part: int) -> pd.DataFrame:
        return TRIAL.iloc[90 * part : 90 * part + 90].assign(y=lambda x: x["y"] + next(reads))

    with pytest.raises(tk.DataError, match="180 records each time, with other outcomes"):
        fit(mapped(other), **OPTIONS)


def test_a_partition_that_lacks_a_declared_column_is_refused():
    halves = [TRIAL.iloc[:90], TRIAL.iloc[90:].drop(columns="sex")]

    with pytest.raises(tk.DataError, match="sex: expected the column in every partition"):
        fit(mapped(lambda part: halves[part]), **OPTIONS)


def test_an_error_of_what_makes_partitions_is_left_as_it_is():
    def failing(part: int) -> pd.DataFrame:
        return {"first": TRIAL}[f"partition {part}"]

    with pytest.raises(KeyError, match="partition"):
        fit(mapped(failing), **OPTIONS)


@pytest.mark.parametrize(
    "source",
    [bag.from_sequence([1, 2]), delayed(len)([]), partitioned()["y"]],
    ids=["bag", "delayed", "series"],
)
def test_what_else_dask_makes_is_refused(source: Any):
    with pytest.raises(tk.SpecificationError, match=r"found a \w+ of Dask; a Dask DataFrame is"):
        fit(source, **OPTIONS)


# Two worker processes.
def test_two_workers_give_the_answer_of_the_frame(cluster, whole):
    assert len(set(cluster.run(os.getpid).values())) == 2

    assert_same(fit(partitioned(), **OPTIONS), whole)


def test_the_refusal_of_a_worker_comes_back_with_its_records(cluster):
    twice = pd.concat([TRIAL, TRIAL.iloc[[0]]]).sort_values("id", kind="stable")
    source = dd.from_pandas(twice.reset_index(drop=True), npartitions=1)

    with pytest.raises(tk.DataError, match="expected one record per id x visit") as refusal:
        fit(source, **OPTIONS)
    assert refusal.value.records is not None
    assert len(refusal.value.records) == 2


@pytest.mark.parametrize("reads", [PARTITIONS // 2, PARTITIONS + PARTITIONS // 2])
def test_the_death_of_a_worker_costs_time_and_no_number(cluster, whole, tmp_path, reads: int):
    """Partitions are read for their levels and again for their totals: one death in each pass."""
    cluster.wait_for_workers(2, timeout=PATIENCE)
    frames = pieces()

    def slowly(number: int) -> pd.DataFrame:
        """Return a partition after a while, leaving a mark with the worker's process."""
        mark = Path(tmp_path, f"{number}-{os.getpid()}-{time.monotonic_ns()}")
        mark.touch()
        time.sleep(0.1)
        return frames[number]

    source = dd.from_map(slowly, range(PARTITIONS), meta=TRIAL.iloc[:0])
    killed: list[int] = []

    def kill_one() -> None:
        """End one of this test's own workers once several partitions have been read."""
        end = time.monotonic() + PATIENCE
        own = set(cluster.run(os.getpid).values())
        while time.monotonic() < end and not killed:
            marks = sorted(tmp_path.iterdir(), key=lambda path: path.name.split("-")[2])
            if len(marks) > reads:
                process = int(marks[-1].name.split("-")[1])
                assert process in own
                os.kill(process, signal.SIGKILL)
                killed.append(process)
            time.sleep(0.02)

    killer = threading.Thread(target=kill_one)
    killer.start()
    result = fit(source, **OPTIONS)
    killer.join(timeout=PATIENCE)

    assert len(killed) == 1
    assert killed[0] not in cluster.run(os.getpid).values()
    read = [int(path.name.split("-")[0]) for path in tmp_path.iterdir()]
    assert set(read) == set(range(PARTITIONS))
    assert_same(result, whole)
