// A JupyterLab started by "make lab", and a page of Chromium that shows it.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { chromium } from 'playwright-core';

// Settings that keep the page still: every cell is rendered, no news or tour pops up.
const settings = {
  'notebook-extension/tracker': { windowingMode: 'none' },
  'apputils-extension/notification': { fetchNews: 'false', checkForUpdates: false },
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

// Lab is a running JupyterLab. Close ends it with its kernels.
export class Lab {
  // start runs "make lab" in the repository at root, serving the notebooks in folder, with home in place of
  // the user's own configuration, and returns when it answers.
  static async start({ root, folder, home }) {
    for (const [name, values] of Object.entries(settings)) {
      const file = path.join(home, 'config', 'lab', 'user-settings', '@jupyterlab', `${name}.jupyterlab-settings`);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, JSON.stringify(values));
    }
    const lab = new Lab();
    lab.token = randomBytes(16).toString('hex');
    lab.port = await freePort();
    const flags = ['--no-browser', '--ServerApp.ip=127.0.0.1', `--ServerApp.port=${lab.port}`, '--ServerApp.port_retries=0',
      `--IdentityProvider.token=${lab.token}`, `--ServerApp.root_dir='${folder}'`];
    lab.log = '';
    lab.child = spawn('make', ['--silent', 'lab', `LAB_ARGS=${flags.join(' ')}`], {
      cwd: root,
      detached: true, // a process group of its own, so that close reaches what make started
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        JUPYTER_CONFIG_DIR: path.join(home, 'config'),
        JUPYTER_DATA_DIR: path.join(home, 'data'),
        JUPYTER_RUNTIME_DIR: path.join(home, 'runtime'),
        XDG_DATA_HOME: path.join(home, 'data'),
        XDG_STATE_HOME: path.join(home, 'state'),
      },
    });
    for (const stream of [lab.child.stdout, lab.child.stderr]) {
      stream.on('data', (data) => { lab.log += data; });
    }
    lab.ended = new Promise((resolve) => { lab.child.once('exit', resolve); });
    await lab.ready(600_000);
    return lab;
  }

  url(page) { return `http://127.0.0.1:${this.port}${page}${page.includes('?') ? '&' : '?'}token=${this.token}`; }

  // ready waits until the server answers; within patience milliseconds, installing included.
  async ready(patience) {
    const deadline = Date.now() + patience;
    for (;;) {
      try {
        if ((await fetch(this.url('/api/status'))).ok) return;
      } catch { /* not listening yet */ }
      if (this.child.exitCode !== null || Date.now() > deadline) throw new Error(`make lab did not come up:\n${this.log}`);
      await new Promise((resolve) => { setTimeout(resolve, 200); });
    }
  }

  async close() {
    if (this.child.exitCode === null) process.kill(-this.child.pid, 'SIGTERM');
    await this.ended;
  }
}

// browserPath returns the Chromium or Chrome of this machine.
function browserPath() {
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];
  const found = known.find((name) => name && existsSync(name));
  if (!found) throw new Error('no Chromium found; name one in CHROMIUM');
  return found;
}

// openBrowser starts Chromium without a window and without its own traffic.
export function openBrowser() {
  return chromium.launch({
    executablePath: browserPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--no-first-run', '--no-default-browser-check', '--disable-domain-reliability'],
  });
}
