// What the tests of one front end share: the server, the browser, and where pictures go.

import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './browser.mjs';
import { Notebook } from './notebook.mjs';
import { Server } from './server.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

// root is the repository.
export const root = path.resolve(here, '..', '..');

// isLong says whether there is time for everything.
export const isLong = Boolean(process.env.BROWSER_LONG);

// applies reports whether a front end, "lab" or "notebook7", is to be tested. LAB_URL names one by its path.
export function applies(front) {
  if (!process.env.LAB_URL) return true;
  const [, shown] = /\/(lab|tree|notebooks)(\/|$)/.exec(new URL(process.env.LAB_URL).pathname) ?? []; // in JupyterLab, /lab/tree/… shows a file
  return (shown === 'tree' || shown === 'notebooks') === (front === 'notebook7');
}

// Session is the tests of one front end. Its fields are set while they run.
export class Session {
  constructor(front) {
    this.front = front;
    this.screenshots = path.join(here, 'screenshots', front);
    this.shots = 0;
    before(() => this.begin(), { timeout: 660_000 });
    after(() => this.end(), { timeout: 60_000 });
  }

  async begin() {
    await rm(this.screenshots, { recursive: true, force: true });
    await mkdir(this.screenshots, { recursive: true });
    this.temp = await mkdtemp(path.join(tmpdir(), 'gokernel browser '));
    this.server = process.env.LAB_URL ? await Server.connect(process.env.LAB_URL)
      : await Server.start(this.front, { root, temp: this.temp });
    this.browser = await openBrowser();
  }

  async end() {
    await this.browser?.close();
    await this.server?.close();
    if (this.temp) await rm(this.temp, { recursive: true, force: true, maxRetries: 5 });
  }

  // visit returns a notebook in a browser that has never been here.
  async visit() {
    this.context = await this.browser.newContext({ viewport: { width: 1280, height: 900 } });
    this.context.setDefaultTimeout(60_000); // for machines that are busy with other things
    this.context.setDefaultNavigationTimeout(120_000);
    return this.look(await this.context.newPage());
  }

  // look returns the notebook in a page.
  look(page) {
    return new Notebook(page, { front: this.front, server: this.server, screenshots: this.screenshots });
  }

  // step is a test with a notebook in a browser of its own. It keeps a picture of its end, of a failure too, and the server's log of a failure. What
  // ran in its notebooks is ended.
  step(title, shot, body) {
    test(title, { timeout: 420_000 }, async (t) => {
      const notebook = await this.visit();
      this.shots += 1;
      const name = `${String(this.shots).padStart(2, '0')}-${shot}`;
      try {
        await body(notebook, t, name);
        await notebook.shoot(name);
      } catch (err) {
        await notebook.shoot(`${name}-failed`).catch(() => {}); // the first error is the one to report
        t.diagnostic(this.server.log.slice(-4000));
        throw err;
      } finally {
        await this.context.close();
        await this.server.endKernels();
        await this.server.set(); // the theme of the next one
      }
    });
  }

  // blank uploads a notebook without output whose cells hold code, and returns its name.
  async blank(name, ...code) {
    await this.server.upload(name, {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: 'gokernel', display_name: 'Go', language: 'go' }, language_info: { name: 'go' } },
      cells: code.map((source, i) => ({ cell_type: 'code', id: `cell${i}`, execution_count: null, metadata: {}, outputs: [], source })),
    });
    return name;
  }
}

// lessons returns the notebooks of a language in their order: their names and what they hold.
export async function lessons(language = '') {
  const folder = path.join(root, 'notebooks', language);
  const names = (await readdir(folder)).filter((file) => file.endsWith('.ipynb')).sort();
  return Promise.all(names.map(async (name) => ({ name, content: JSON.parse(await readFile(path.join(folder, name), 'utf8')) })));
}
