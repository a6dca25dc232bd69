"""Public sources are fetched once, proved by sha256, and refused otherwise."""

import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.dataset.dataset import read_dataset
from trialkit.dataset.files import fetch_sources, files_by_sha256
from trialkit.errors import DataError, DataUnavailableError
from trialkit.run.study import run_study
from trialkit.study.read import read_study


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and prints nothing."""

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path):
    """A server on loopback that serves tmp_path/public and stops with the test."""
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "trial.csv").write_text(DATA)
    handler = partial(Quiet, directory=str(tmp_path / "public"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}/trial.csv"
        running.shutdown()
        thread.join(timeout=10)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of the test's own, and no shared folder."""
    monkeypatch.setenv("TRIALKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TRIALKIT_SHARED", raising=False)
    return tmp_path / "cache"


def with_source(folder, url, content=DATA):
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    source = f'source = {{ url = "{url}", sha256 = "{sha256}", licence = "MIT" }}'
    path = write_trial(folder, study=replaced(STUDY, 'file = "participants.csv"', source))
    (path / "participants.csv").unlink()
    return read_study(path)


def test_a_source_is_fetched_once_and_then_read(tmp_path, server):
    study = with_source(tmp_path / "study", server)
    with pytest.raises(DataUnavailableError, match="trialkit fetch small"):
        read_dataset(study)

    (path,) = fetch_sources(study)
    (tmp_path / "public" / "trial.csv").unlink()

    assert fetch_sources(study) == (path,)
    certificate = read_dataset(study).certificate
    assert certificate.n_subjects == 12
    assert certificate.files[0].url == server


def test_other_bytes_are_refused_and_not_kept(tmp_path, server, cache):
    study = with_source(tmp_path / "study", server, content="something else")

    with pytest.raises(DataError, match="sha256"):
        fetch_sources(study)

    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_an_address_that_does_not_answer_is_refused(tmp_path):
    study = with_source(tmp_path / "study", "http://127.0.0.1:9/trial.csv")

    with pytest.raises(DataError, match="could not be fetched"):
        fetch_sources(study)


def test_a_spoilt_cache_is_noticed(tmp_path, server):
    study = with_source(tmp_path / "study", server)
    (path,) = fetch_sources(study)
    path.write_text("spoilt")

    with pytest.raises(DataError, match="delete the file"):
        read_dataset(study)


def test_a_shared_folder_serves_by_sha256_whatever_the_name(tmp_path, monkeypatch):
    study = with_source(tmp_path / "study", "http://127.0.0.1:9/trial.csv")
    (tmp_path / "shared" / "data").mkdir(parents=True)
    (tmp_path / "shared" / "data" / "another-name.csv").write_text(DATA)
    monkeypatch.setenv("TRIALKIT_SHARED", str(tmp_path / "shared"))
    files_by_sha256.cache_clear()

    assert read_dataset(study).certificate.n_subjects == 12


def test_a_study_without_its_files_still_has_results_and_says_so(tmp_path):
    study = with_source(tmp_path / "study", "http://127.0.0.1:9/trial.csv")

    results = run_study(study, articles=())

    assert {record.status for record in results.analyses} == {"not_run"}
    assert "have not been fetched" in results.deviations[0]
    assert results.certificate is None
