// The Jupyter servers that the tests drive: JupyterLab as "make lab" starts it, Notebook 7 as "make venv" installs
// it, or one that runs already, which LAB_URL names with its token.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { Line } from './line.mjs';

// Settings that keep the page still: every cell is drawn, no news or tour pops up.
const settings = {
  '@jupyterlab/notebook-extension:tracker': { windowingMode: 'none' },
  '@jupyterlab/apputils-extension:themes': { theme: 'JupyterLab Light', 'adaptive-theme': false },
  '@jupyterlab/apputils-extension:notification': { fetchNews: 'false', checkForUpdates: false, doNotDisturbMode: true },
};

// freePort returns a TCP port of the loopback interface that nobody listens on.
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// commands say how to start a front end in the root of the repository with flags.
const commands = {
  lab: (flags) => ['make', '--silent', 'lab', `LAB_ARGS=${flags.join(' ')}`],
  notebook7: (flags) => ['.cache/clients/bin/python', '-m', 'notebook', ...flags.map((flag) => flag.replaceAll("'", ''))],
};

// Server is a running Jupyter server, and a folder on it for the notebooks of the tests.
export class Server {
  // start runs a front end in the repository at root, with files below temp in place of the user's own, and returns
  // when it answers. The front end is "lab" or "notebook7".
  static async start(front, { root, temp }) {
    const server = new Server();
    const home = path.join(temp, 'home');
    const served = path.join(temp, 'served files'); // with a space, on purpose
    await mkdir(served, { recursive: true });
    const port = await freePort();
    server.token = randomBytes(16).toString('hex');
    server.origin = `http://127.0.0.1:${port}`;
    server.base = '';
    const flags = ['--no-browser', '--ServerApp.ip=127.0.0.1', `--ServerApp.port=${port}`, '--ServerApp.port_retries=0',
      '--ServerApp.allow_root=True', `--IdentityProvider.token=${server.token}`, `--ServerApp.root_dir='${served}'`];
    const [command, ...args] = commands[front](flags);
    server.log = '';
    server.child = spawn(command, args, {
      cwd: root,
      detached: true, // a process group of its own, so that close reaches what make started
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${path.join(root, '.cache', 'clients', 'bin')}:${process.env.PATH}`,
        JUPYTER_CONFIG_DIR: path.join(home, 'config'),
        JUPYTER_DATA_DIR: path.join(home, 'data'),
        JUPYTER_RUNTIME_DIR: path.join(home, 'runtime'),
        XDG_DATA_HOME: path.join(home, 'data'),
        XDG_STATE_HOME: path.join(home, 'state'),
      },
    });
    for (const stream of [server.child.stdout, server.child.stderr]) {
      stream.on('data', (data) => { server.log += data; });
    }
    server.ended = new Promise((resolve) => { server.child.once('exit', resolve); });
    await server.ready(600_000);
    await server.prepare();
    return server;
  }

  // connect uses the server at url, such as http://127.0.0.1:8888/lab?token=…, which goes on after close.
  static async connect(url) {
    const { origin, pathname, searchParams } = new URL(url);
    const server = new Server();
    server.origin = origin;
    server.base = pathname.replace(/\/((lab|tree|notebooks)(\/.*)?)?$/, '');
    server.token = searchParams.get('token') ?? '';
    server.log = '';
    await server.ready(60_000);
    await server.prepare();
    return server;
  }

  // prepare makes the folder and the line to the browser, and sets the page up. What was set before is kept for close.
  async prepare() {
    this.folder = `browser test ${randomBytes(4).toString('hex')}`;
    await this.request('PUT', this.contents(''), { type: 'directory' });
    this.before = {};
    for (const name of Object.keys(settings)) this.before[name] = (await this.request('GET', `/lab/api/settings/${name}`)).raw;
    await this.set();
    const { hostname, port } = new URL(this.origin);
    this.line = await Line.to(hostname, Number(port || 80));
  }

  // set sets the page up as the tests want it.
  async set() {
    for (const [name, values] of Object.entries(settings)) await this.request('PUT', `/lab/api/settings/${name}`, { raw: JSON.stringify(values) });
  }

  // page returns the address of a page for the browser, which goes over the line.
  page(where) { return `http://127.0.0.1:${this.line.port}${this.base}${where}${where.includes('?') ? '&' : '?'}token=${this.token}`; }

  // contents returns the address of a file of the tests' folder in the server's API, "" of the folder itself.
  contents(name) { return `/api/contents/${encodeURI(this.file(name))}`; }

  // file returns the path of a file of the tests' folder on the server.
  file(name) { return name ? `${this.folder}/${name}` : this.folder; }

  // request asks the server's REST API, past the line.
  async request(method, where, body) {
    const answer = await fetch(`${this.origin}${this.base}${where}`, {
      method, body: body && JSON.stringify(body), headers: { Authorization: `token ${this.token}` },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${text.slice(0, 400)}`);
    return text && JSON.parse(text);
  }

  // upload writes a notebook, or text, into the folder.
  async upload(name, content) {
    const body = typeof content === 'string' ? { type: 'file', format: 'text', content } : { type: 'notebook', format: 'json', content };
    await this.request('PUT', this.contents(name), body);
  }

  // download returns a notebook of the folder.
  async download(name) { return (await this.request('GET', this.contents(name))).content; }

  // endKernels ends the kernels of the notebooks in the folder.
  async endKernels() {
    for (const session of await this.request('GET', '/api/sessions')) {
      if (session.path.startsWith(this.folder)) await this.request('DELETE', `/api/sessions/${session.id}`);
    }
  }

  // ready waits until the server answers; within patience milliseconds, installing included.
  async ready(patience) {
    const deadline = Date.now() + patience;
    for (;;) {
      try {
        await this.request('GET', '/api/status');
        return;
      } catch (err) { // not listening yet, or not for us
        if (this.child?.exitCode != null || Date.now() > deadline) throw new Error(`no server: ${err.message}\n${this.log}`);
      }
      await new Promise((resolve) => { setTimeout(resolve, 200); });
    }
  }

  // close ends a server that start began, and leaves one that runs by itself as it was.
  async close() {
    await this.line?.close();
    if (this.child) {
      if (this.child.exitCode === null) process.kill(-this.child.pid, 'SIGTERM');
      await this.ended;
      return;
    }
    await this.endKernels();
    for (const [name, raw] of Object.entries(this.before)) await this.request('PUT', `/lab/api/settings/${name}`, { raw });
    for (const file of (await this.request('GET', this.contents(''))).content) await this.request('DELETE', this.contents(file.name));
    await this.request('DELETE', this.contents(''));
  }
}
