// A notebook open in a page of JupyterLab or Notebook 7, handled with the mouse and the keyboard as a reader would.

import { randomBytes } from 'node:crypto';
import path from 'node:path';

// addresses say where each front end shows a folder and a file. JupyterLab gets a workspace of its own each
// time, so that it does not open again what was open before.
const addresses = {
  lab: {
    folder: (folder) => `/lab/workspaces/${randomBytes(4).toString('hex')}/tree/${encodeURI(folder)}`,
    file: (file) => `/lab/workspaces/${randomBytes(4).toString('hex')}/tree/${encodeURI(file)}`,
  },
  notebook7: { folder: (folder) => `/tree/${encodeURI(folder)}`, file: (file) => `/notebooks/${encodeURI(file)}` },
};

// highest is the height in pixels of the tallest window that a picture is made of.
const highest = 8000;

const numbered = /^\s*\[\d+\]:/;

// Notebook is the notebook that a page shows, of several in JupyterLab the one in front.
export class Notebook {
  constructor(page, { front, server, screenshots }) {
    Object.assign(this, { page, front, server, screenshots });
    this.panel = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
  }

  // cells returns the code cells.
  get cells() { return this.panel.locator('.jp-CodeCell'); }

  // start opens the tests' folder, where new notebooks are made.
  async start() { await this.page.goto(this.server.page(addresses[this.front].folder(this.server.folder))); }

  // open opens a notebook of the tests' folder and waits until all of it is shown and its kernel idle.
  async open(name) {
    await this.connects(() => this.page.goto(this.server.page(addresses[this.front].file(this.server.file(name)))));
    const { cells } = await this.server.download(name);
    await this.cells.nth(cells.filter((cell) => cell.cell_type === 'code').length - 1).waitFor();
  }

  // connects does something by which the page comes to speak with a kernel, and waits until that is idle. The circle
  // beside its name alone does not tell: it may look so before there is a kernel.
  async connects(something) {
    const heard = this.page.waitForEvent('websocket', { predicate: (socket) => socket.url().includes('/channels'), timeout: 120_000 })
      .then((socket) => socket.waitForEvent('framereceived', { timeout: 120_000 }));
    await Promise.all([heard, something()]);
    await this.idle();
  }

  // status waits until the circle beside the kernel's name says one of words: idle, busy, connecting, disconnected …
  async status(words, timeout = 60_000) {
    const circles = words.map((word) => `.jp-Notebook-ExecutionIndicator[data-status="${word}"]`);
    await this.panel.locator(circles.join(', ')).waitFor({ timeout });
  }

  // idle waits until the kernel is.
  idle(timeout) { return this.status(['idle'], timeout); }

  // menu chooses an entry of the main menu: menu('Settings', 'Theme', 'JupyterLab Dark').
  async menu(...names) {
    await this.page.locator('.lm-MenuBar-itemLabel:visible').getByText(names[0], { exact: true }).click();
    for (const name of names.slice(1)) {
      await this.page.locator('.lm-Menu-item:visible', { has: this.page.locator('.lm-Menu-itemLabel').getByText(name, { exact: true }) }).click();
    }
  }

  // theme changes the colours of the page to "Light" or "Dark".
  async theme(name) {
    await this.menu('Settings', 'Theme', `JupyterLab ${name}`);
    await this.page.locator(`body[data-jp-theme-light="${name === 'Light'}"]`).waitFor({ state: 'attached' });
  }

  // runAll runs all cells, in a trusted notebook, and waits until they have ended.
  async runAll(timeout) {
    await this.menu('Run', 'Run All Cells');
    await this.answered(this.cells.first(), timeout);
    await this.settled(timeout);
  }

  // settled waits until no code cell is queued or runs.
  async settled(timeout) {
    await this.page.waitForFunction(() => {
      const panel = document.querySelector('.jp-NotebookPanel:not(.lm-mod-hidden)');
      const prompts = [...panel.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((p) => p.textContent);
      return prompts.length > 0 && !prompts.some((p) => p.includes('*'));
    }, undefined, { timeout });
    await this.idle(timeout);
  }

  // append adds a code cell at the end that holds code, and leaves the cursor behind it.
  async append(code) {
    const before = await this.cells.count();
    await this.panel.locator('.jp-Cell').last().locator('.jp-InputPrompt').click();
    await this.page.keyboard.press('Escape');
    await this.page.keyboard.press('b');
    await this.cells.nth(before).waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.keyboard.insertText(code);
    return this.cells.nth(before);
  }

  // run executes the selected cell and stays in it.
  async run() { await this.page.keyboard.press('Control+Enter'); }

  // runFirst executes the first cell and stays in it.
  async runFirst() {
    await this.cells.first().locator('.jp-InputPrompt').click();
    await this.run();
  }

  // execute appends a cell and runs it. It returns before the cell has ended.
  async execute(code) {
    const cell = await this.append(code);
    await this.run();
    return cell;
  }

  // completable waits until the editor would complete what is typed, which JupyterLab works out after the typing.
  async completable() { await this.panel.locator('.jp-mod-active .jp-mod-completer-enabled').waitFor({ timeout: 10_000 }); }

  // save writes the notebook to its file.
  async save() {
    const written = this.page.waitForResponse((r) => r.request().method() === 'PUT' && r.url().includes('/api/contents/') && r.ok());
    await this.menu('File', 'Save Notebook');
    await written;
  }

  // answered waits until cell has run, and returns its number.
  async answered(cell, timeout = 30_000) {
    const prompt = cell.locator('.jp-InputPrompt', { hasText: numbered });
    await prompt.waitFor({ timeout });
    return Number(/\d+/.exec(await prompt.textContent())[0]);
  }

  // running waits until a cell is under way.
  async running(cell) { await cell.locator('.jp-InputPrompt', { hasText: '[*]:' }).waitFor({ timeout: 10_000 }); }

  // output returns the first of the outputs of a cell that matches pattern, once there is one.
  async output(cell, pattern, timeout = 30_000) {
    const out = cell.locator('.jp-OutputArea-output').filter({ hasText: pattern });
    await out.first().waitFor({ timeout });
    return out.first().innerText();
  }

  // restart restarts the kernel by an entry of its menu, and confirms it.
  async restart(entry) {
    await this.menu('Kernel', entry);
    await this.page.locator('.jp-Dialog button', { hasText: 'Restart' }).click();
    await this.page.locator('.jp-Dialog').waitFor({ state: 'detached' });
  }

  // shoot keeps a picture of the window.
  async shoot(name) { await this.page.screenshot({ path: path.join(this.screenshots, `${name}.png`) }); }

  // shootWhole keeps pictures of the notebook from its beginning to its end, in as few tall windows as it takes.
  async shootWhole(name) {
    const size = this.page.viewportSize();
    const scroller = this.panel.locator('.jp-WindowedPanel-outer');
    const { all, window } = await scroller.evaluate((el) => { // without the empty space below the last cell
      const end = [...el.querySelectorAll('.jp-Cell')].at(-1).getBoundingClientRect().bottom;
      return { all: Math.ceil(end - el.getBoundingClientRect().top + el.scrollTop), window: el.clientHeight };
    });
    const around = size.height - window;
    const step = Math.min(all, highest - around);
    await this.page.setViewportSize({ width: size.width, height: step + around });
    await this.page.waitForFunction(([el, height]) => el.clientHeight === height, [await scroller.elementHandle(), step]);
    for (let top = 0, part = 1; top < all; top += step, part += 1) {
      await scroller.evaluate((el, y) => { el.scrollTop = y; }, top);
      await this.shoot(`${name}-${part}`);
    }
    await this.page.setViewportSize(size);
  }
}
