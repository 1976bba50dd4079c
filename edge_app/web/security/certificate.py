"""What the page's certificate is; ``tls`` makes one, with a library of 8 MiB."""

from dataclasses import dataclass
from pathlib import Path

AUTHORITY_FILE = "web-ca.pem"


@dataclass(frozen=True)
class Certificate:
    """PEM files; authority: who signed it. Fingerprints: SHA-256, as browsers show them."""

    certificate: Path
    key: Path
    fingerprint: str
    authority: Path
    authority_fingerprint: str
