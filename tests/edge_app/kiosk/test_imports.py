import subprocess
import sys

_IMPORTED = """
import sys
import edge_app.cli.run, edge_app.web.app, edge_app.web.server
print(*sorted({"av", "cryptography", "onnxruntime"} & sys.modules.keys()))
"""


def test_a_kiosk_holds_no_library_that_it_may_never_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTED], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []
