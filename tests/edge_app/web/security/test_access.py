import json
from pathlib import Path

import pytest

from edge_app.core.errors import AccessError, StateError
from edge_app.web.security.access import ACCESS_FILE, AccessFile


def test_a_password_opens_its_role_and_is_kept_as_argon2id(tmp_path: Path) -> None:
    access = AccessFile(tmp_path)
    assert not access.read().protected

    access.set_password("viewer", "only to look at")
    access.set_password("operator", "all of the buttons")

    assert access.read().protected
    assert access.read().role_of_password("only to look at") == "viewer"
    assert access.read().role_of_password("all of the buttons") == "operator"
    assert access.read().role_of_password("") is None
    stored = json.loads((tmp_path / ACCESS_FILE).read_text())["passwords"]
    assert all(word.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for word in stored.values())
    assert (tmp_path / ACCESS_FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("password", ["", "short", "a" * 201])
def test_passwords_that_are_too_short_or_long_are_refused(tmp_path: Path, password: str) -> None:
    with pytest.raises(AccessError, match=f"expected a password of 10 to 200 .*{len(password)}"):
        AccessFile(tmp_path).set_password("operator", password)


def test_a_token_works_until_it_is_revoked(tmp_path: Path) -> None:
    access = AccessFile(tmp_path)
    token = access.add_token("home assistant", "viewer")

    assert access.read().role_of_token(token) == "viewer"
    assert access.read().role_of_token(token + "x") is None
    assert token not in access.path.read_text()
    with pytest.raises(AccessError, match="a token called 'home assistant'"):
        access.add_token("home assistant", "operator")
    access.revoke_token("home assistant")
    assert access.read().role_of_token(token) is None
    with pytest.raises(AccessError, match="found 'home assistant'; there are: none"):
        access.revoke_token("home assistant")


def test_what_another_process_changes_is_seen(tmp_path: Path) -> None:
    server, command = AccessFile(tmp_path), AccessFile(tmp_path)
    before = server.read()
    command.set_password("operator", "all of the buttons")

    assert server.read().role_of_password("all of the buttons") == "operator"
    assert server.read().secret == before.secret
    assert server.read().stamp("operator") != before.stamp("operator")
    assert server.read().display_key() != before.display_key()


def test_a_damaged_file_is_no_open_door(tmp_path: Path) -> None:
    (tmp_path / ACCESS_FILE).write_text("{")
    with pytest.raises(StateError, match="expected passwords and tokens as JSON"):
        AccessFile(tmp_path).read()
