"""What VS Code's Jupyter extension needs of a kernel, without VS Code.

It reads kernelspecs and connection files itself and talks ZeroMQ to the kernel, as these tests do: it connects as soon as
the process runs, asks for kernel_info, and waits for the reply and for any message on iopub. From then on each cell goes by
the order of its messages.
"""

import json
import pathlib
import secrets
import subprocess
import tempfile
import time
import unittest

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.session import Session

PATIENCE = 20  # seconds; on a busy machine nothing takes so long


class Kernel:
    """A kernel started from its kernelspec, with the sockets connected before it listens."""

    def __init__(self, folder):
        self.folder = KernelSpecManager().find_kernel_specs()["gokernel"]
        self.spec = json.loads(pathlib.Path(self.folder, "kernel.json").read_text(encoding="utf-8"))
        key = secrets.token_hex(16).encode()
        file, info = write_connection_file(str(pathlib.Path(folder, "kernel-v3.json")), key=key)
        self.session = Session(key=key, signature_scheme=info["signature_scheme"])
        self.context = zmq.Context()
        self.sockets = {}
        for channel, kind in (("shell", zmq.DEALER), ("control", zmq.DEALER), ("stdin", zmq.DEALER), ("iopub", zmq.SUB)):
            socket = self.context.socket(kind)
            socket.linger = 0
            socket.identity = self.session.bsession  # the same on all: input_request goes to the one who asked on shell
            if kind == zmq.SUB:
                socket.subscribe(b"")
            socket.connect(f"tcp://{info['ip']}:{info[channel + '_port']}")
            self.sockets[channel] = socket
        argv = [file if arg == "{connection_file}" else arg for arg in self.spec["argv"]]
        self.process = subprocess.Popen(argv, cwd=folder)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.context.destroy(linger=0)

    def send(self, channel, kind, content=None):
        """Sends a request and returns its id."""
        return self.session.send(self.sockets[channel], kind, content or {})["header"]["msg_id"]

    def receive(self, channel):
        """Returns the next message of a channel."""
        if not self.sockets[channel].poll(PATIENCE * 1000):
            raise AssertionError(f"no message on {channel} within {PATIENCE} s")
        _, frames = self.session.feed_identities(self.sockets[channel].recv_multipart())
        return self.session.deserialize(frames)

    def execute(self, code, **options):
        """Sends a cell and returns its id."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True,
                   "stop_on_error": True, **options}
        return self.send("shell", "execute_request", content)

    def until_idle(self, request):
        """Returns the messages of iopub that belong to a request, up to its idle."""
        found = []
        while True:
            msg = self.receive("iopub")
            if msg["parent_header"].get("msg_id") != request:
                continue
            found.append(msg)
            if msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
                return found

    def greet(self):
        """Shakes hands, and returns what the kernel says of itself.

        The request may be answered before the subscription to iopub stands. Then nothing of it comes there, but the
        kernel's welcome does, and any message is what is waited for.
        """
        request = self.send("shell", "kernel_info_request")
        self.receive("iopub")
        reply = self.receive("shell")
        if reply["parent_header"]["msg_id"] != request:
            raise AssertionError(f"a reply to another request: {reply}")
        return reply["content"]


def kinds(messages):
    """Returns what the messages are, statuses by their state and streams by their name."""
    return [m["content"].get("execution_state") or m["content"].get("name") if m["msg_type"] in ("status", "stream")
            else m["msg_type"] for m in messages]


class VSCodeTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.kernel = Kernel(folder.name)
        self.addCleanup(self.kernel.close)

    def test_kernelspec(self):
        spec = self.kernel.spec
        self.assertEqual(spec["language"], "go")  # VS Code's own name of the language, by which cells get their colours
        self.assertTrue(pathlib.Path(spec["argv"][0]).is_absolute())
        self.assertEqual(spec["argv"].count("{connection_file}"), 1)
        self.assertEqual(spec["interrupt_mode"], "message")
        for logo in ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg"):
            self.assertTrue(pathlib.Path(self.kernel.folder, logo).is_file(), logo)

    def test_handshake(self):
        content = self.kernel.greet()
        self.assertEqual(content["status"], "ok")
        self.assertRegex(content["protocol_version"], r"^5\.\d")
        language = content["language_info"]
        self.assertEqual(
            {key: language[key] for key in ("name", "mimetype", "file_extension", "pygments_lexer", "codemirror_mode")},
            {"name": "go", "mimetype": "text/x-go", "file_extension": ".go", "pygments_lexer": "go", "codemirror_mode": "go"},
        )
        self.assertRegex(language["version"], r"^1\.\d+")
        # It asks for the comms of widgets next, and for kernel_info on control.
        self.kernel.send("shell", "comm_info_request", {"target_name": "jupyter.widget"})
        self.assertEqual(self.kernel.receive("shell")["content"], {"status": "ok", "comms": {}})
        self.kernel.send("control", "kernel_info_request")
        self.assertEqual(self.kernel.receive("control")["msg_type"], "kernel_info_reply")

    def test_order_of_a_cell(self):
        self.kernel.greet()
        code = 'fmt.Println("out")\nfmt.Fprintln(os.Stderr, "err")\ndisplay.Display(display.HTML("<b>x</b>"))\n6 * 7'
        for count in (1, 2):
            request = self.kernel.execute(code)
            messages = self.kernel.until_idle(request)
            reply = self.kernel.receive("shell")
            self.assertEqual(
                kinds(messages), ["busy", "execute_input", "stdout", "stderr", "display_data", "execute_result", "idle"])
            self.assertEqual((reply["parent_header"]["msg_id"], reply["content"]["status"]), (request, "ok"))
            # The count is the same everywhere; the extension writes it beside the cell as soon as it comes.
            counts = [m["content"]["execution_count"] for m in messages if "execution_count" in m["content"]]
            self.assertEqual([*counts, reply["content"]["execution_count"]], [count] * 3)
        for msg in messages:
            self.assertEqual(msg["parent_header"]["session"], self.kernel.session.session)

    def test_error_and_queue(self):
        self.kernel.greet()
        first = self.kernel.execute('fmt.Println("a")\nvar p *int\n*p = 1')
        second = self.kernel.execute('fmt.Println("b")')
        self.assertEqual(kinds(self.kernel.until_idle(first)), ["busy", "execute_input", "stdout", "error", "idle"])
        statuses = [self.kernel.receive("shell")["content"]["status"] for _ in range(2)]
        self.assertIn(statuses, (["error", "aborted"], ["error", "error"]))
        self.assertEqual(kinds(self.kernel.until_idle(second)), ["busy", "idle"])

    def test_silent_requests_leave_no_trace(self):
        self.kernel.greet()
        silent = self.kernel.execute("1 + 1", silent=True, store_history=False)
        self.assertEqual(kinds(self.kernel.until_idle(silent)), ["busy", "idle"])
        shown = self.kernel.execute("1 + 1")
        self.kernel.until_idle(shown)
        self.kernel.receive("shell")
        self.assertEqual(self.kernel.receive("shell")["content"]["execution_count"], 1)

    def test_interrupt_by_message(self):
        self.kernel.greet()
        request = self.kernel.execute('fmt.Println("begun")\nfor {\n}')
        while self.kernel.receive("iopub")["msg_type"] != "stream":
            pass
        began = time.monotonic()
        self.kernel.send("control", "interrupt_request")
        self.assertEqual(self.kernel.receive("control")["msg_type"], "interrupt_reply")
        self.assertEqual(kinds(self.kernel.until_idle(request)), ["error", "idle"])
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(self.kernel.receive("shell")["content"]["status"], "error")

    def test_input_box(self):
        self.kernel.greet()
        request = self.kernel.execute('var name string\nfmt.Print("name? ")\nfmt.Scanln(&name)\nfmt.Println("hello,", name)')
        asked = self.kernel.receive("stdin")
        self.assertEqual((asked["msg_type"], asked["parent_header"]["msg_id"]), ("input_request", request))
        self.kernel.send("stdin", "input_reply", {"value": "gopher"})
        printed = "".join(m["content"]["text"] for m in self.kernel.until_idle(request) if m["msg_type"] == "stream")
        self.assertIn("hello, gopher", printed)

    def test_completion_and_help(self):
        self.kernel.greet()
        self.kernel.send("shell", "complete_request", {"code": "strings.HasPre", "cursor_pos": 14})
        content = self.kernel.receive("shell")["content"]
        self.assertEqual((content["matches"], content["cursor_start"], content["cursor_end"]), (["HasPrefix"], 8, 14))
        self.kernel.send("shell", "inspect_request", {"code": "strings.HasPrefix", "cursor_pos": 17, "detail_level": 0})
        content = self.kernel.receive("shell")["content"]
        self.assertTrue(content["found"])
        self.assertRegex(content["data"]["text/plain"], r"func (strings\.)?HasPrefix\(s")

    def test_shutdown(self):
        self.kernel.greet()
        self.kernel.send("control", "shutdown_request", {"restart": False})
        self.assertEqual(self.kernel.receive("control")["msg_type"], "shutdown_reply")
        self.assertEqual(self.kernel.process.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
