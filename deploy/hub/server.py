"""A client of a Jupyter server, as much of it as the tests need: it starts a kernel and runs cells through the server's websocket."""

import asyncio
import dataclasses
import json
import pathlib
import time
import uuid

import aiohttp


@dataclasses.dataclass
class Outcome:
    """What a cell showed and how it ended. Times are in seconds."""

    status: str  # of the reply
    error: str
    stdout: str
    shown: str  # results and displays, as plain text
    took: float  # until reply and idle were there
    first: float | None  # when the first output came, by time.monotonic


class Kernel:
    """A kernel of a server. Use it with "async with"; http carries the token."""

    def __init__(self, http, server):
        self.http, self.server = http, server.rstrip("/")

    async def __aenter__(self):
        async with self.http.post(f"{self.server}/api/kernels", json={"name": "gokernel"}) as answer:
            answer.raise_for_status()
            self.id = (await answer.json())["id"]
        address = f"{self.server}/api/kernels/{self.id}/channels?session_id={uuid.uuid4().hex}"
        self.socket = await self.http.ws_connect(address, max_msg_size=0, heartbeat=None)
        return self

    async def __aexit__(self, kind, *_):
        await self.socket.close()
        async with self.http.delete(f"{self.server}/api/kernels/{self.id}") as answer:
            if kind is None:  # else there is something worse to report
                answer.raise_for_status()

    async def execute(self, code, timeout=300):
        """Runs a cell."""
        return await asyncio.wait_for(self._execute(code), timeout)

    async def _execute(self, code):
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": self.id, "version": "5.4", "date": ""}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": False}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []}
        began = time.monotonic()
        await self.socket.send_str(json.dumps(message))
        reply, idle, out = None, False, Outcome("", "", "", "", 0, None)
        while reply is None or not idle:
            got = await self.socket.receive()
            if got.type != aiohttp.WSMsgType.TEXT:
                raise ConnectionError(f"the websocket said {got.type.name} while a cell ran")
            got = json.loads(got.data)
            if got["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            kind, content = got["msg_type"], got["content"]
            if kind == "execute_reply":
                reply = content
            elif kind == "status":
                idle = idle or content["execution_state"] == "idle"
            elif kind in ("stream", "display_data", "execute_result"):
                out.first = out.first or time.monotonic()
                if kind != "stream":
                    out.shown += content["data"].get("text/plain", "") + "\n"
                elif content["name"] == "stdout":
                    out.stdout += content["text"]
        out.took = time.monotonic() - began
        out.status, out.error = reply["status"], "" if reply["status"] == "ok" else f"{reply.get('ename')}: {reply.get('evalue')}"
        return out


def joined(text):
    """Returns a text that may be a list of lines."""
    return text if isinstance(text, str) else "".join(text)


@dataclasses.dataclass
class Cell:
    """A code cell and what it is known to show."""

    code: str
    may_fail: bool
    stdout: str | None  # None: not the same each time

    def fault(self, outcome):
        """Returns what is wrong with an outcome, "" if nothing is."""
        if outcome.status != "ok" and not self.may_fail:
            return outcome.error
        if self.stdout is not None and outcome.stdout != self.stdout:
            return f"printed {outcome.stdout!r} instead of {self.stdout!r}"
        return ""


def cells(path):
    """Returns the code cells of a notebook."""
    found = []
    for cell in json.loads(pathlib.Path(path).read_text())["cells"]:
        if cell["cell_type"] != "code":
            continue
        expect = cell["metadata"].get("gokernel", {}).get("expect", {}).get("exact")
        may_fail = "raises-exception" in cell["metadata"].get("tags", [])
        found.append(Cell(joined(cell["source"]), may_fail, None if expect is None or may_fail else joined(expect)))
    return found
