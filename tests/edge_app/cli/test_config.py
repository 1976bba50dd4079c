import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge_app.cli.main import app
from edge_app.core.errors import ConfigError

EXAMPLE = Path(__file__).parents[3] / "deploy/config.example.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def config(file: Path, *arguments: str) -> Result:
    """Raises what the command raises; ``main`` makes one line and exit code 2 of it."""
    result = CliRunner().invoke(app, ["config", *arguments, "--config", str(file)])
    if isinstance(result.exception, ConfigError):
        raise result.exception
    return result


def test_a_setting_changes_and_nothing_else(file: Path) -> None:
    before = file.read_text(encoding="utf-8").splitlines()
    done = config(file, "set", "web.host=0.0.0.0", "web.port=80", "web.tls=true")
    assert done.stdout == f"{file}: changed; the kiosk reads it when it starts\n"
    after = file.read_text(encoding="utf-8").splitlines()
    differing = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert differing == [
        ('host = "127.0.0.1"', 'host = "0.0.0.0"'),
        ("port = 8000", "port = 80"),
        ("tls = false", "tls = true"),
    ]
    assert config(file, "get", "web.host").stdout == "0.0.0.0\n"
    assert config(file, "check").stdout == f"{file}: as expected\n"


def test_comments_and_layout_stay(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("# ours\n\n[web]  # the page\nport=1 # low\n\n[log]\n# quiet\n")
    config(file, "set", "web.port=2", "web.host=hall", "mqtt.host=broker")
    assert file.read_text() == (
        '# ours\n\n[web]  # the page\nport=2 # low\nhost = "hall"\n\n[log]\n# quiet\n'
        '\n[mqtt]\nhost = "broker"\n'
    )


def test_what_the_file_leaves_out_has_its_default(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[web]\nport = 1\n")
    assert config(file, "get", "web.tls").stdout == "false\n"
    assert config(file, "get", "detection.every_s").stdout == "0.2\n"
    assert config(file, "get", "identity.false_accept_rate").stdout == "\n"
    config(file, "set", "identity.false_accept_rate=0.02")
    assert config(file, "get", "identity.false_accept_rate").stdout == "0.02\n"


@pytest.mark.parametrize(
    "text",
    ["http://10.0.0.7/video?user=a&b=c", 'say "cheese"', '"quoted"', r"C:\1\&", "cámara:0", "12"],
)
def test_a_text_comes_into_the_file_as_it_is(text: str, file: Path) -> None:
    config(file, "set", f"source.input={text}")
    assert tomllib.loads(file.read_text(encoding="utf-8"))["source"]["input"] == text
    assert config(file, "get", "source.input").stdout == f"{text}\n"
    assert config(file, "set", f"source.input={text}").stdout == f"{file}: so already\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("web.hots=hall", r"\[web\] hots: unknown key; did you mean host\?"),
        ("wbe.host=hall", r"\[wbe\]: unknown key; did you mean web\?"),
        ("web.port=high", r"\[web\] port = 'high': input should be a valid integer"),
        ("web.port=70000", r"\[web\] port = 70000: input should be less than or equal to 65535"),
        ("button.pull=sideways", r"\[button\] pull = 'sideways': input should be 'up' or 'down'"),
        ("web=hall", "expected TABLE.KEY, as in web.host, found web"),
        ("web.host", "expected KEY=VALUE, found web.host"),
    ],
)
def test_a_mistake_leaves_the_file_as_it_was(change: str, message: str, file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(ConfigError, match=rf"config.toml: {message}.*; it stays as it was$"):
        config(file, "set", "web.tls=true", change)
    assert file.read_bytes() == before


def test_a_file_that_is_no_toml_stays_and_is_told(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[web\n")
    for command in (["check"], ["get", "web.host"], ["set", "web.host=hall"]):
        with pytest.raises(ConfigError, match="expected TOML, found a mistake"):
            config(file, *command)
    assert file.read_text() == "[web\n"
    with pytest.raises(ConfigError, match="nowhere: expected a settings file"):
        config(tmp_path / "nowhere", "set", "web.host=hall")


def test_what_is_asked_for_wrongly_is_told(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[web\] hots: unknown key; did you mean host\?"):
        config(file, "get", "web.hots")
    with pytest.raises(ConfigError, match=r"\[wbe\]: unknown key; did you mean web\?"):
        config(file, "get", "wbe.host")


def test_a_value_that_was_wrong_is_put_right(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[web]\nport = 70000\n")
    with pytest.raises(ConfigError, match="port = 70000"):
        config(file, "check")
    config(file, "set", "web.port=80")
    assert config(file, "get", "web.port").stdout == "80\n"


def test_who_may_read_the_file_stays_and_a_link_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "config.toml", tmp_path / "link.toml"
    file.write_text("[web]\nport = 1\n")
    file.chmod(0o640)
    link.symlink_to(file)
    config(link, "set", "web.port=80")
    assert link.is_symlink() and file.stat().st_mode & 0o777 == 0o640
    assert "port = 80" in file.read_text()
