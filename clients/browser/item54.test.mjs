// A reader opens item 54's notebook in JupyterLab, runs it, interrupts a cell, restarts the kernel, completes
// a name and asks for help. Pictures of each step are kept in screenshots/, to be looked at.

import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Lab, openBrowser } from './lab.mjs';
import { Notebook } from './notebook.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '..', '..');
const screenshots = path.join(here, 'screenshots');

let lab;
let browser;
let notebook;
let temp;
let name; // of the notebook's file
let page;

before(async () => {
  await rm(screenshots, { recursive: true, force: true });
  await mkdir(screenshots, { recursive: true });
  temp = await mkdtemp(path.join(tmpdir(), 'gokernel browser ')); // with spaces, on purpose
  const folder = path.join(temp, 'notebooks');
  await cp(path.join(root, 'notebooks'), folder, { recursive: true });
  name = (await readdir(folder)).find((file) => /54.*\.ipynb$/.test(file));
  assert.ok(name, 'there is a notebook for item 54');
  lab = await Lab.start({ root, folder, home: path.join(temp, 'home') });
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  notebook = new Notebook(page, screenshots);
}, { timeout: 660_000 });

after(async () => {
  await browser?.close();
  await lab?.close();
  if (temp) await rm(temp, { recursive: true, force: true, maxRetries: 5 });
});

// step is a test that keeps a picture, of the failure too, and the server's log of a failure.
function step(title, shot, body) {
  test(title, { timeout: 240_000 }, async (t) => {
    try {
      await body(t);
      await notebook.shoot(shot);
    } catch (err) {
      await notebook.shoot(`${shot}-failed`).catch(() => {}); // the first error is the one to report
      t.diagnostic(lab.log.slice(-4000));
      throw err;
    }
  });
}

// failed reports whether a cell of a file holds an error. The committed file has those that are meant to be.
const failed = (cell) => cell.outputs.some((out) => out.output_type === 'error');

// isFolded reports whether a cell's source is folded away, and with it its number.
const isFolded = (cell) => Boolean(cell.metadata.jupyter?.source_hidden);

// codeCells returns the code cells of a notebook file that hold anything.
async function codeCells(file) {
  const { cells } = JSON.parse(await readFile(file, 'utf8'));
  return cells.filter((cell) => cell.cell_type === 'code' && cell.source.length > 0);
}

step('the notebook opens with the Go kernel', 'open', async () => {
  await notebook.open(lab.url(`/lab/tree/${encodeURIComponent(name)}`));
  await assert.doesNotReject(notebook.panel.locator('.jp-KernelName', { hasText: 'Go' }).waitFor());
});

step('all cells run', 'run-all', async () => {
  const committed = await codeCells(path.join(root, 'notebooks', name));
  await notebook.menu('Run', 'Run All Cells');
  await notebook.cells.first().locator('.jp-InputPrompt', { hasText: /\[\d+\]:/ }).waitFor({ timeout: 60_000 });
  await notebook.settled(180_000);
  const ran = (await notebook.prompts()).filter((prompt) => /\[\d+\]:/.test(prompt));
  assert.equal(ran.length, committed.filter((cell) => !isFolded(cell)).length, 'every code cell has a number');
  await notebook.save();
  const saved = await codeCells(path.join(temp, 'notebooks', name));
  assert.deepEqual(saved.map(failed), committed.map(failed), 'the cells fail that are meant to, and no others');
});

step('a cell that never ends is interrupted, and the variables are still there', 'interrupt', async (t) => {
  const kept = await notebook.append('kept := 41');
  await notebook.run();
  await notebook.answered(kept);
  const endless = await notebook.append('import "time"\n\nfor {\n\ttime.Sleep(time.Millisecond)\n}');
  await notebook.run();
  await endless.locator('.jp-InputPrompt', { hasText: '[*]:' }).waitFor();
  await notebook.page.waitForTimeout(500); // let the cell be well inside its loop
  const start = Date.now();
  await notebook.menu('Kernel', 'Interrupt Kernel');
  await notebook.answered(endless, 10_000);
  t.diagnostic(`interrupted within ${Date.now() - start} ms, menu clicks included`);
  await notebook.output(endless, /[Ii]nterrupt/);
  const check = await notebook.append('kept + 1');
  await notebook.run();
  await notebook.output(check, '42');
});

step('the kernel restarts, and counts from one', 'restart', async () => {
  await notebook.menu('Kernel', 'Restart Kernel…');
  await page.locator('.jp-Dialog button', { hasText: 'Restart' }).click();
  await page.locator('.jp-Dialog').waitFor({ state: 'detached' });
  await notebook.idle();
  const cell = await notebook.append('import "fmt"\n\nfmt.Println("after the restart")');
  await notebook.run();
  assert.equal(await notebook.answered(cell), '[1]:');
  await notebook.output(cell, 'after the restart');
});

step('Tab completes a name', 'complete', async () => {
  const cell = await notebook.append('fmt.Sprint');
  await notebook.completable();
  await page.keyboard.press('Tab');
  const item = page.locator('.jp-Completer-item', { hasText: 'Sprintln' });
  await item.waitFor({ timeout: 10_000 });
  await notebook.shoot('completer');
  await item.click();
  await cell.locator('.cm-content', { hasText: 'fmt.Sprintln' }).waitFor();
});

step('Shift-Tab shows a tooltip', 'tooltip', async () => {
  await notebook.append('fmt.Fprintf');
  await page.keyboard.press('Shift+Tab');
  const tooltip = page.locator('.jp-Tooltip', { hasText: 'Fprintf(w io.Writer, format string' });
  await tooltip.waitFor({ timeout: 10_000 });
});
