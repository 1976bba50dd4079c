"""Who may use the page: two passwords, tokens for scripts, and the file that keeps them.

The file holds argon2id hashes and the key that signs sessions, and is readable by its owner alone.
"""

import hashlib
import secrets
import threading
from pathlib import Path
from typing import Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, ValidationError

from edge_app.core.atomic import output_errors, replace_text
from edge_app.core.errors import AccessError, StateError

Role = Literal["viewer", "operator"]
"""A viewer sees the live picture and the events; an operator also changes things."""

ROLES: tuple[Role, ...] = get_args(Role)
ACCESS_FILE = "web-access.json"
MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 200

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB: OWASP's minimum for argon2id, because a kiosk may have no more than 512 MB."""


class Token(BaseModel):
    """A script's key. digest: SHA-256 of the token, which has 256 random bits of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role: Role
    digest: str


class Access(BaseModel):
    """What the file says. passwords: an argon2id hash per role."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: str
    passwords: dict[Role, str] = {}
    tokens: tuple[Token, ...] = ()

    @property
    def protected(self) -> bool:
        """Whether a password is set: without one the page is for this machine alone."""
        return bool(self.passwords)

    def role_of_password(self, password: str) -> Role | None:
        """The most powerful role that a password opens. Takes about 0.1 s on a Raspberry Pi."""
        for role in reversed(ROLES):
            if role in self.passwords and _matches(self.passwords[role], password):
                return role
        return None

    def role_of_token(self, token: str) -> Role | None:
        digest = _digest(token)
        for known in self.tokens:
            if secrets.compare_digest(known.digest, digest):
                return known.role
        return None

    def stamp(self, role: Role) -> str:
        """Goes into a session and ends it when the role's password changes."""
        return _digest(self.passwords.get(role, ""))[:16]

    def display_key(self) -> str:
        """Opens the kiosk's own screen as a viewer; another one after every change of password."""
        hashes = "".join(self.passwords.get(role, "") for role in ROLES)
        return _digest(f"display:{self.secret}:{hashes}")

    def is_display_key(self, key: str) -> bool:
        return secrets.compare_digest(key.encode(), self.display_key().encode())


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class AccessFile:
    """The file in the state folder. Read again whenever another process has changed it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / ACCESS_FILE
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._access = Access(secret="")

    def read(self) -> Access:
        """What the file says at present; made with a new secret where there is none.

        Raises StateError for a damaged file, OutputError where it cannot be made.
        """
        with self._lock:
            if not self.path.exists():
                self._write(Access(secret=secrets.token_urlsafe(32)))
            status = self.path.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if seen != self._seen:
                self._access, self._seen = self._load(), seen
            return self._access

    def set_password(self, role: Role, password: str) -> None:
        """Raises AccessError for a password that is too short or too long."""
        if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
            raise AccessError(
                f"expected a password of {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} "
                f"characters, found {len(password)}"
            )
        passwords = {**self.read().passwords, role: _HASHER.hash(password)}
        self._change(passwords=passwords)

    def add_token(self, name: str, role: Role) -> str:
        """A new token, which is shown this once. Raises AccessError for a name that is taken."""
        access = self.read()
        if any(token.name == name for token in access.tokens):
            raise AccessError(
                f"expected a new name, found a token called {name!r}; revoke it first"
            )
        token = secrets.token_urlsafe(32)
        added = Token(name=name, role=role, digest=_digest(token))
        self._change(tokens=(*access.tokens, added))
        return token

    def revoke_token(self, name: str) -> None:
        """Raises AccessError where there is none of that name."""
        access = self.read()
        kept = tuple(token for token in access.tokens if token.name != name)
        if len(kept) == len(access.tokens):
            known = ", ".join(token.name for token in access.tokens) or "none"
            raise AccessError(f"expected the name of a token, found {name!r}; there are: {known}")
        self._change(tokens=kept)

    def _change(self, **update: object) -> None:
        with self._lock:
            self._write(self._load().model_copy(update=update))

    def _load(self) -> Access:
        try:
            return Access.model_validate_json(self.path.read_bytes())
        except (OSError, ValidationError) as error:
            raise StateError(
                f"{self.path}: expected passwords and tokens as JSON, cannot read them; "
                "delete the file and set the password again"
            ) from error

    def _write(self, access: Access) -> None:
        with output_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(self.path, access.model_dump_json(indent=2) + "\n", private=True)
