"""A class on JupyterHub: USERS users start at once, and each runs a notebook through the hub's proxy. It prints what that took and
ends with 1 if anything failed. "make hub-test" runs it; the hub is started here and ends with it.

    load.py [--users N] [--notebook FILE] [--report FILE]
"""

import argparse
import asyncio
import collections
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import aiohttp
from server import Kernel, cells

HERE = pathlib.Path(__file__).parent
PATIENCE = 540  # seconds for all of it


def free_ports(count):
    """Returns the first of count ports in a row that nobody uses."""
    for first in range(20000 + os.getpid() % 10000, 60000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as s:
                    s.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    sys.exit("no ports are free")


def memory():
    """Returns the memory in MiB of each user's processes by what they are: their share of each page, as Linux counts it."""
    users = collections.defaultdict(collections.Counter)
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            environ = dict(v.split(b"=", 1) for v in process.joinpath("environ").read_bytes().split(b"\0") if b"=" in v)
            command = process.joinpath("cmdline").read_bytes().split(b"\0")
            rollup = process.joinpath("smaps_rollup").read_text()
        except OSError:
            continue  # it has ended
        user = environ.get(b"JUPYTERHUB_USER", b"").decode()
        if user:
            kind = "server"
            if os.path.basename(command[0]) == b"gokernel":
                kind = command[1].decode()
            users[user][kind] += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
    return users


class Student:
    """One user's way from the start of a server to the end of the notebook."""

    def __init__(self, name, http, hub, notebook):
        self.name, self.http, self.hub, self.notebook = name, http, hub, notebook
        self.faults, self.times = [], []
        self.ready = self.first = None

    async def work(self, began, ended, looked):
        """Runs the notebook; tells ended when it is through, and lets its kernel live until looked is set."""
        api = f"{self.hub}/hub/api/users/{self.name}"
        try:
            async with self.http.post(f"{api}/server") as answer:
                answer.raise_for_status()
            await self.server(api)
            self.ready = time.monotonic() - began
            async with Kernel(self.http, f"{self.hub}/user/{self.name}") as kernel:
                for number, cell in enumerate(self.notebook, 1):
                    outcome = await kernel.execute(cell.code)
                    self.times.append(outcome.took)
                    if self.first is None and outcome.first is not None:
                        self.first = outcome.first - began
                    fault = cell.fault(outcome)
                    if fault:
                        self.faults.append(f"{self.name}, code cell {number}: {fault}")
                ended.release()
                await looked.wait()
        except (aiohttp.ClientError, OSError, TimeoutError, RuntimeError) as err:
            self.faults.append(f"{self.name}: {type(err).__name__}: {err}")
            ended.release()

    async def server(self, api):
        """Waits until the user's server is there, as the hub tells."""
        async with self.http.get(f"{api}/server/progress") as answer:
            answer.raise_for_status()
            async for line in answer.content:
                if line.startswith(b"data:"):
                    event = json.loads(line[5:])
                    if event.get("failed"):
                        raise RuntimeError(event["message"])
                    if event.get("ready"):
                        return
        raise RuntimeError("the hub told nothing of the server's end")


def share(values, part):
    """Returns the value that the given part of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


async def lesson(hub, token, names, notebook):
    """Has all users work at once. Returns them, and what memory they had at the end."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=60)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers={"Authorization": f"token {token}"}, timeout=timeout, connector=connector) as http:
        await up(http, hub)
        async with http.post(f"{hub}/hub/api/users", json={"usernames": names}) as answer:
            answer.raise_for_status()
        students = [Student(name, http, hub, notebook) for name in names]
        ended, looked = asyncio.Semaphore(0), asyncio.Event()
        began = time.monotonic()
        work = [asyncio.create_task(s.work(began, ended, looked)) for s in students]
        for _ in students:
            await ended.acquire()
        took, used = time.monotonic() - began, memory()
        looked.set()
        await asyncio.gather(*work)
        return students, used, took


async def up(http, hub):
    """Waits until the hub answers through its proxy."""
    for _ in range(600):
        try:
            async with http.get(f"{hub}/hub/api/") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            pass  # not yet
        await asyncio.sleep(0.2)
    raise RuntimeError("the hub does not answer")


def report(students, used, took, file):
    """Prints what was measured and returns how much failed."""
    faults = [f for s in students for f in s.faults]
    times = [t for s in students for t in s.times]
    totals = [sum(kinds.values()) for kinds in used.values()]
    first = [s.first for s in students if s.first is not None]
    ready = [s.ready for s in students if s.ready is not None]
    measured = {
        "users": len(students),
        "processors": len(os.sched_getaffinity(0)),
        "cells": len(times),
        "failures": len(faults),
        "seconds": round(took, 1),
    }
    for name, values in {"server ready": ready, "first output": first}.items():
        if values:
            measured[f"{name}, s"] = {"p50": round(share(values, 0.5), 1), "max": round(max(values), 1)}
    if times:
        measured["cell, s"] = {"p50": round(share(times, 0.5), 3), "p99": round(share(times, 0.99), 2), "max": round(max(times), 2)}
    if totals:
        kinds = {k: round(statistics.mean(u[k] for u in used.values())) for k in ["server", "kernel", "worker"]}
        measured["memory of a user, MiB"] = {"mean": round(statistics.mean(totals)), "max": round(max(totals)), "of which": kinds}
    for name, value in measured.items():
        print(f"{name:>22}  {value}")
    for fault in faults:
        print(fault, file=sys.stderr)
    if file:
        pathlib.Path(file).write_text(json.dumps(measured, indent=2) + "\n")
    lost = len(students) - len(used)
    if lost:
        print(f"{lost} users had no processes at the end", file=sys.stderr)
    return len(faults) + lost


def main():
    """Starts the hub, and has the class work."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=30)
    parser.add_argument("--notebook", default=HERE.parent.parent / "notebooks" / "55-queues.ipynb")
    parser.add_argument("--report")
    args = parser.parse_args()
    names = [f"student{i:02}" for i in range(1, args.users + 1)]
    with tempfile.TemporaryDirectory(prefix="gokernel-hub-") as folder:
        os.chmod(folder, 0o755)
        port, token = free_ports(3), secrets.token_hex(16)
        env = os.environ | {"HUB_TEST_FOLDER": folder, "HUB_TEST_PORT": str(port), "HUB_TEST_TOKEN": token}
        log = pathlib.Path(folder, "hub.log")
        with log.open("w") as out:
            hub = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "--config", str(HERE / "jupyterhub_config.py")],
                env=env, cwd=folder, stdout=out, stderr=out, start_new_session=True,
            )
        failed = True
        try:
            work = lesson(f"http://127.0.0.1:{port}", token, names, cells(args.notebook))
            failed = report(*asyncio.run(asyncio.wait_for(work, PATIENCE)), args.report) > 0
        finally:
            if hub.poll() is None:
                hub.send_signal(signal.SIGTERM)  # it ends the servers too
            try:
                hub.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(hub.pid, signal.SIGKILL)
                failed = True
                print("the hub did not end", file=sys.stderr)
            if failed:
                kept = pathlib.Path(tempfile.gettempdir(), "gokernel-hub-test.log")
                shutil.copy(log, kept)
                print(f"what the hub and the servers have said: {kept}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
