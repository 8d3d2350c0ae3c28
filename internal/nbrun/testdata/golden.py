"""Writes the goldens of TestCollectAsNBClient with the reference implementation. Run by hand, never by tests:

    pip install nbclient && python golden.py

For each nbclient/NAME.messages.json, a list of cells, each a list of [msg_type, content], it writes what
nbclient makes of them: nbclient/NAME.separate.json and, with coalesce_streams, nbclient/NAME.whole.json.
"""
import asyncio, json, pathlib
import nbformat
from nbclient import NotebookClient


class Kernel:
    """Answers execute with canned messages."""
    shell_channel = iopub_channel = None

    def __init__(self, cells):
        self.cells = iter(cells)
        self.shell_channel = self.iopub_channel = None

    def execute(self, *args, **kwargs):
        self.messages = iter(next(self.cells) + [["status", {"execution_state": "idle"}]])
        outer = self

        class IOPub:
            async def get_msg(self, timeout):
                typ, content = next(outer.messages)
                return {"msg_type": typ, "header": {"msg_type": typ}, "parent_header": {"msg_id": "x"}, "content": content}

        class Shell:
            async def get_msg(self, timeout):
                return {"parent_header": {"msg_id": "x"}, "content": {"status": "ok"}}

        self.iopub_channel, self.shell_channel = IOPub(), Shell()
        return "x"

    def is_alive(self):
        return True


async def run(cells, whole):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x") for _ in cells])
    client = NotebookClient(nb, coalesce_streams=whole, record_timing=False)
    client.reset_execution_trackers()
    client.kc = Kernel(cells)
    for i, cell in enumerate(nb.cells):
        await client.async_execute_cell(cell, i)
    return [{"outputs": c.outputs, "execution_count": c.execution_count} for c in nb.cells]


for path in sorted(pathlib.Path(__file__).with_name("nbclient").glob("*.messages.json")):
    cells = json.loads(path.read_text())
    for name, whole in [("separate", False), ("whole", True)]:
        out = asyncio.run(run(cells, whole))
        path.with_name(path.name.replace("messages", name)).write_text(json.dumps(out, indent=1, sort_keys=True) + "\n")
