import sys
from pathlib import Path

import pytest

from export import cli


def test_what_the_user_can_put_right_is_told_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data", ".", "--name", "tiny", "--version", "1.0.0", "-o", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["export", str(tmp_path), *options])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        f"export: error: {tmp_path}: expected a finished run, found no config.json in it\n"
    )
