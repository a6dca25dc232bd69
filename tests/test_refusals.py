"""Every broken study and data file gives one message and exit code 2, and writes nothing."""

import sys

import pytest

from dataset.test_read_dataset import BROKEN as BROKEN_DATA
from study.test_read import BROKEN as BROKEN_STUDIES
from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.cli import main


def refuse(capsys, monkeypatch, folder, *, study=STUDY, data=DATA) -> str:
    """Run a broken study as a user does; return the message."""
    write_trial(folder / "mine", study=study, data=data)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["trialkit", "run", "mine"])
    with pytest.raises(SystemExit) as left:
        main()
    printed = capsys.readouterr()
    assert left.value.code == 2
    assert printed.out == ""
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert sorted(path.name for path in (folder / "mine").iterdir()) == [
        "participants.csv",
        "study.toml",
    ]
    return printed.err


@pytest.mark.parametrize(("old", "new", "said"), BROKEN_STUDIES)
def test_a_broken_study_is_refused(tmp_path, capsys, monkeypatch, old, new, said):
    message = refuse(capsys, monkeypatch, tmp_path, study=replaced(STUDY, old, new))

    assert message.startswith("trialkit: ")
    assert all(part in message for part in said)


@pytest.mark.parametrize(("data", "said"), BROKEN_DATA)
def test_broken_data_are_refused(tmp_path, capsys, monkeypatch, data, said):
    message = refuse(capsys, monkeypatch, tmp_path, data=data)

    assert message.startswith("trialkit: ")
    assert all(part in message for part in said)
