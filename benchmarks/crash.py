"""What survives: `kill -9` while several processes write, and power cuts on a disk that keeps,
drops and reorders as it likes.

Kills. Several processes write to one file: single turns, lists, new versions, forgetting. Before an
operation a process notes what it is about to do, and after `remember` or `forget` returned, that it
was acknowledged. Each is killed at a moment of its own. Then the store is opened, and every
acknowledged turn must be there word for word, every forgotten one gone, and recall must find a
sample. Between some waves of kills nobody opens the store but the next writers, which then have to
recover it.

Power cuts. A file system of our own keeps apart what was synced and what was only written. At a cut
each write that was not synced is kept, torn at a sector, or lost, at random, and so in any order;
what is left is opened and checked likewise. The control is a disk that lies about every sync of the
write-ahead log: if that lost nothing, the simulation could not see anything.
"""

import multiprocessing
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import report

import remanence
from remanence.embed.hashing import HashEmbedder
from remanence.memory import Memory
from remanence.storage.sqlite import SqliteEngine
from remanence.text import words

WRITERS = 4
WAVES = (1, 1, 2, 3)  # waves of writers before the store is looked at
SECTOR = 512
EMBEDDER = HashEmbedder(64)
ALPHABET = tuple(
    """
    anchor basil cedar delta ember fjord garnet harbor indigo juniper kestrel lantern meadow
    nectar onyx pebble quartz raven saffron thistle umber velvet willow yarrow zephyr 成都 重庆 火锅
    """.split()  # noqa: SIM905 - a list is easier to read in prose
)


def text_of(id: str, version: int) -> str:
    """What a turn says: worked out from its id and version, so that nothing else need be noted."""
    rng = random.Random(f"{id} {version}")
    length = rng.choice((8, 20, 60, 300))
    return f"{id} v{version} " + " ".join(rng.choices(ALPHABET, k=length))


# -- the writers --------------------------------------------------------------------------------


def operations(name: str, rng: random.Random) -> Iterator[dict[str, int]]:
    """What to do next: id -> version to write, or 0 to forget it. One dict is one call."""
    versions: dict[str, int] = {}
    made = 0
    while True:
        kind = rng.random()
        standing = [id for id, version in versions.items() if version]
        if kind < 0.08 and standing:
            step = {rng.choice(standing): 0}
        elif kind < 0.20 and standing:
            id = rng.choice(standing)
            step = {id: versions[id] + 1}
        else:
            count = 1 if kind < 0.8 else rng.randint(2, 20)
            step = {f"{name}-{made + i}": 1 for i in range(count)}
            made += count
        versions.update(step)
        yield step


def perform(memory: Memory, namespace: str, step: dict[str, int]) -> None:
    """Do it, durably."""
    (first, version), *others = step.items()
    if not version:
        memory.forget(namespace=namespace, id=first)
    elif not others:
        memory.remember(text_of(first, version), id=first, namespace=namespace)
    else:
        turns = [remanence.Turn(text_of(id, version), id=id) for id, version in step.items()]
        memory.remember(turns, namespace=namespace)


def write_forever(path: str, namespace: str, name: str, log: str) -> None:
    """A writer: notes `? step` before and `! step` after each operation, until it is killed."""
    notes = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with remanence.open(path, embedder=EMBEDDER) as memory:  # type: ignore[arg-type]
        for step in operations(name, random.Random(name)):
            line = " ".join(f"{id}={version}" for id, version in step.items()).encode()
            os.write(notes, b"? " + line + b"\n")
            perform(memory, namespace, step)
            os.write(notes, b"! " + line + b"\n")


# -- what must be true afterwards ---------------------------------------------------------------


@dataclass
class Expected:
    """Per id the versions that may stand (0: gone): one where acknowledged, two where in flight."""

    allowed: dict[str, set[int]] = field(default_factory=dict)
    acknowledged: int = 0

    def begin(self, step: dict[str, int]) -> None:
        for id, version in step.items():
            self.allowed.setdefault(id, {0}).add(version)

    def acknowledge(self, step: dict[str, int]) -> None:
        self.acknowledged += 1
        for id, version in step.items():
            self.allowed[id] = {version}

    def read(self, log: Path) -> None:
        """Take in a writer's notes; a line cut short by the kill was not acknowledged."""
        for line in log.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                continue
            pairs = [pair.rsplit("=", 1) for pair in line[2:].decode().split()]
            step = {id: int(version) for id, version in pairs}
            if line.startswith(b"?"):
                self.begin(step)
            else:
                self.acknowledge(step)

    def faults(self, memory: Memory, namespace: str) -> list[str]:
        """Everything about `namespace` that is not as it must be."""
        with memory.store.reading() as connection:
            rows = connection.all(
                "SELECT e.source, e.version, e.text, p.id IS NOT NULL FROM episode AS e "
                "LEFT JOIN projection AS p ON p.id = e.id JOIN namespace AS n ON n.id = "
                "e.namespace "
                "WHERE n.name = :name AND e.state = 2",
                name=namespace,
            )
            standing = {source: (version, text, found) for source, version, text, found in rows}
        faults = [f"{id}: unknown" for id in standing if id not in self.allowed]
        for id, allowed in self.allowed.items():
            version, text, projected = standing.get(id, (0, "", True))
            if version not in allowed:
                faults.append(f"{id}: version {version}, must be of {sorted(allowed)}")
            elif version and (text != text_of(id, version) or not projected):
                faults.append(f"{id}: version {version} says {text[:60]!r}, index: {projected}")
        return faults

    def unfound(self, memory: Memory, namespace: str, sample: int, rng: random.Random) -> list[str]:
        """Acknowledged turns that recall does not bring back by their own words."""
        sure = [(id, *allowed) for id, allowed in self.allowed.items() if len(allowed) == 1]
        standing = [(id, version) for id, version in sure if version]
        return [
            f"{id}: recall does not find it"
            for id, version in rng.sample(standing, min(sample, len(standing)))
            if id
            not in {item.id for item in memory.recall(f"{id} v{version}", namespace=namespace, k=5)}
        ]


# -- kills --------------------------------------------------------------------------------------


def kills(folder: Path, wanted: int, seed: int) -> dict[str, Any]:
    """Kill `wanted` writers; what was lost, what was damaged."""
    # Nothing is open here, and the Chinese dictionary is loaded: a forked writer starts in 5 ms.
    words.terms("成都")
    context = multiprocessing.get_context("fork")
    rng, path = random.Random(seed), str(folder / "kills.db")
    remanence.open(path, embedder=EMBEDDER).close()  # type: ignore[arg-type]
    everything: list[tuple[str, Expected]] = []
    faults: list[str] = []
    damaged: list[str] = []
    killed = rounds = 0
    started = time.perf_counter()
    while killed < wanted:
        namespace, expected = f"round-{rounds}", Expected()
        for wave in range(rng.choice(WAVES)):
            killed += _wave(context, path, namespace, f"{rounds}.{wave}", folder, expected, rng)
        with remanence.open(path, embedder=EMBEDDER) as memory:  # type: ignore[arg-type]
            faults += expected.faults(memory, namespace)
            faults += expected.unfound(memory, namespace, 5, rng)
            if rounds % 25 == 0:
                damaged += memory.store.engine.problems()  # type: ignore[attr-defined]
        everything.append((namespace, expected))
        rounds += 1
        if rounds % 50 == 0:
            report.say(f"  {killed} kills, {killed / (time.perf_counter() - started):.1f}/s")
    seconds = time.perf_counter() - started
    with remanence.open(path, embedder=EMBEDDER) as memory:  # type: ignore[arg-type]
        for namespace, expected in everything:
            faults += expected.faults(memory, namespace)
        damaged += memory.store.engine.problems()  # type: ignore[attr-defined]
    return {
        "cuts": killed,
        "acknowledged": sum(expected.acknowledged for _, expected in everything),
        "turns": sum(len(expected.allowed) for _, expected in everything),
        "lost": sorted(set(faults)),
        "damaged": damaged,
        "rate": killed / seconds,
    }


def _wave(
    context: Any,
    path: str,
    namespace: str,
    name: str,
    folder: Path,
    expected: Expected,
    rng: random.Random,
) -> int:
    """Start writers, kill each at a moment of its own, and read what they noted."""
    logs = [folder / f"{name}.{number}.log" for number in range(WRITERS)]
    writers = [
        context.Process(target=write_forever, args=(path, namespace, f"{name}.{number}", str(log)))
        for number, log in enumerate(logs)
    ]
    for writer in writers:
        writer.start()
    first = time.perf_counter()
    moments = sorted(rng.uniform(0.02, 0.35) for _ in writers)
    for moment, writer in zip(moments, rng.sample(writers, len(writers)), strict=True):
        time.sleep(max(0.0, first + moment - time.perf_counter()))
        writer.kill()
    for writer, log in zip(writers, logs, strict=True):
        writer.join()
        if writer.exitcode != -9:
            raise SystemExit(
                f"a writer ended by itself, with {writer.exitcode}: see its error above"
            )
        if log.exists():
            expected.read(log)
            log.unlink()
    return len(writers)


# -- power cuts ---------------------------------------------------------------------------------


@dataclass
class Platter:
    """One file as the disk has it: what is durable, and the writes that are not yet."""

    durable: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, bytes | None]] = field(
        default_factory=list
    )  # None: truncate to offset

    def sync(self) -> None:
        for offset, data in self.waiting:
            _apply(self.durable, offset, data)
        self.waiting.clear()

    def after_cut(self, rng: random.Random) -> bytes:
        """The file's bytes when power comes back."""
        image = bytearray(self.durable)
        share = rng.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        kept = [write for write in self.waiting if rng.random() < share]
        for offset, data in kept:
            torn = data is not None and rng.random() < 0.2  # only its first sectors arrived
            sectors = rng.randint(0, len(data) // SECTOR) if torn and data else 0
            _apply(image, offset, data[: SECTOR * sectors] if torn and data else data)
        return bytes(image)


def _apply(image: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del image[offset:]
        return
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data


class Disk(apsw.VFS):
    """SQLite's file system, noting every write. One that is not `honest` never syncs the log."""

    def __init__(self, name: str, *, honest: bool) -> None:
        self.platters: dict[str, Platter] = {}
        self.name, self.honest = name, honest
        self.on_step: Any = lambda: None
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> "DiskFile":  # noqa: N802 - SQLite's name
        path = name.filename() if hasattr(name, "filename") else name
        lies = not self.honest and str(path).endswith("-wal")
        return DiskFile(self, name, flags, self.platters.setdefault(path, Platter()), lies=lies)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802, FBT001
        super().xDelete(name, sync)
        self.platters.pop(name, None)


class DiskFile(apsw.VFSFile):
    """A file of `Disk`."""

    def __init__(
        self, disk: Disk, name: Any, flags: list[int], platter: Platter, *, lies: bool
    ) -> None:
        super().__init__("", name, flags)
        self._disk, self._platter, self._lies = disk, platter, lies

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._platter.waiting.append((offset, bytes(data)))
        self._disk.on_step()

    def xTruncate(self, size: int) -> None:  # noqa: N802
        super().xTruncate(size)
        self._platter.waiting.append((size, None))
        self._disk.on_step()

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.on_step()
        super().xSync(flags)
        if not self._lies:
            self._platter.sync()
        self._disk.on_step()


def power_cuts(folder: Path, wanted: int, seed: int, *, honest: bool) -> dict[str, Any]:
    """Cut the power `wanted` times, mid-write, and look at what the disk then holds."""
    rng = random.Random(seed)
    disk = Disk(f"disk-{seed}-{honest}", honest=honest)
    found: dict[str, Any] = {"cuts": 0, "acknowledged": 0, "turns": 0, "lost": [], "damaged": []}
    lost_cuts, started, session = 0, time.perf_counter(), 0
    while found["cuts"] < wanted:
        expected, path = Expected(), folder / f"power-{honest}-{session}.db"

        def cut(expected: Expected = expected, path: Path = path) -> None:
            nonlocal lost_cuts
            if rng.random() > 0.01 or found["cuts"] >= wanted:
                return
            found["cuts"] += 1
            lost, damaged = _after_power(disk, path, folder / "image", expected, rng)
            lost_cuts += bool(lost or damaged)
            found["lost"] += lost
            found["damaged"] += damaged

        _session(disk, path, expected, cut, f"{session}", rng)
        found["acknowledged"] += expected.acknowledged
        found["turns"] += len(expected.allowed)
        disk.platters.clear()
        session += 1
    disk.unregister()
    found["bad_cuts"], found["rate"] = lost_cuts, found["cuts"] / (time.perf_counter() - started)
    return found


def _session(
    disk: Disk, path: Path, expected: Expected, cut: Any, name: str, rng: random.Random
) -> None:
    """150 operations on a new store, with a checkpoint now and then;

    `cut` is called at every write.
    """
    database = SqliteEngine(str(path), vfs=disk.name)
    with Memory(database, EMBEDDER) as memory:  # type: ignore[arg-type]
        disk.on_step = cut
        steps = operations(name, random.Random(f"power {name}"))
        for _ in range(150):
            step = next(steps)
            expected.begin(step)
            perform(memory, "n", step)
            expected.acknowledge(step)
            if rng.random() < 0.05:
                database.erase()
        disk.on_step = lambda: None


def _after_power(
    disk: Disk, path: Path, image: Path, expected: Expected, rng: random.Random
) -> tuple[list[str], list[str]]:
    """Write what the disk kept to plain files, open them, and compare."""
    shutil.rmtree(image, ignore_errors=True)
    image.mkdir()
    for name, platter in disk.platters.items():
        if name.startswith(str(path)) and not name.endswith("-shm"):
            (image / Path(name).name).write_bytes(platter.after_cut(rng))
    try:
        with Memory(SqliteEngine(str(image / path.name)), EMBEDDER) as memory:  # type: ignore[arg-type]
            damaged = memory.store.engine.problems()  # type: ignore[attr-defined]
            return expected.faults(memory, "n"), damaged
    except (remanence.RemanenceError, apsw.Error) as error:
        return [], [f"{type(error).__name__}: {error}"]


# -- the table ----------------------------------------------------------------------------------


def main() -> None:
    parser = report.arguments(__doc__)
    parser.add_argument("--cycles", type=int, help="processes to kill (default 2,000)")
    parser.add_argument("--cuts", type=int, help="power cuts to simulate (default 2,000)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    wanted = args.cycles if args.cycles is not None else (40 if args.quick else 2_000)
    cuts = args.cuts if args.cuts is not None else (40 if args.quick else 2_000)
    rows = []
    notes = []
    report.OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=report.OUT) as scratch:
        folder = Path(scratch)
        trials = {
            f"kill -9, {WRITERS} writers": lambda: kills(folder, wanted, args.seed),
            "power cut": lambda: power_cuts(folder, cuts, args.seed, honest=True),
            "control: log never synced": lambda: power_cuts(
                folder, max(20, cuts // 10), args.seed, honest=False
            ),
        }
        for name, trial in trials.items():
            report.say(name)
            found = trial()
            rows.append(_row(name, found))
            if not name.startswith("control"):
                notes += [f"{name}: {fault!r}" for fault in (found["damaged"] + found["lost"])[:3]]
    header = ["trial", "cuts", "per s", "calls acknowledged", "turns", "lost or wrong", "damaged"]
    notes.append(
        "cuts: processes killed, or times the power went; every acknowledged call is checked"
    )
    report.show("What survives", header, rows, args, notes=notes)
    if any(row[5] or row[6] for row in rows[:2]):
        raise SystemExit("something acknowledged was lost")


def _row(name: str, found: dict[str, Any]) -> list[Any]:
    return [
        name,
        found["cuts"],
        found["rate"],
        found["acknowledged"],
        found["turns"],
        len(found["lost"]),
        len(found["damaged"]),
    ]


if __name__ == "__main__":
    main()
