// life.mjs URL PICTURE does in JupyterLab what README.md says: the address that "make lab" prints shows the first notebook; from
// there a click in the list of files opens 56-life.ipynb, which is run, and the Game of Life plays. PICTURE is written then.
// Where something else is seen, it ends with an error.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../browser/package.json', import.meta.url))('playwright-core');
const [address, picture] = process.argv.slice(2);
const patience = 180_000;

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'].find((name) => name && existsSync(name));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(patience);
  await page.goto(address);
  await page.locator('.jp-RenderedMarkdown', { hasText: 'This is a notebook whose cells are Go.' }).waitFor();

  await page.locator('.jp-DirListing-item', { hasText: '56-life.ipynb' }).dblclick();
  const notebook = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)', { hasText: 'Game of Life' });
  await notebook.waitFor();
  await page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Toolbar-kernelName', { hasText: 'Go' }).waitFor();
  // The pictures that the file was saved with go, so that those seen afterwards have been drawn here.
  await choose(page, 'Edit', 'Clear Outputs of All Cells');
  await notebook.locator('.jp-OutputArea-output').first().waitFor({ state: 'detached' });
  await choose(page, 'Run', 'Run All Cells');

  const film = notebook.locator('.jp-OutputArea-output svg.gokernel-drawing[aria-label*="as a film"]').first();
  await film.waitFor({ state: 'attached' });
  await film.scrollIntoViewIfNeeded();
  // It plays: another frame is seen before long.
  const seen = () => film.evaluate((svg) => [...svg.querySelectorAll('g.frame')]
    .map((frame) => getComputedStyle(frame).visibility).join());
  const first = await seen();
  if (!first.includes('visible')) throw new Error(`no frame of the film is seen: ${first}`);
  const deadline = Date.now() + 10_000;
  while (await seen() === first) {
    if (Date.now() > deadline) throw new Error('the film does not play');
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  if (await notebook.locator('.jp-RenderedText[data-mime-type="application/vnd.jupyter.error"]').count() > 0) {
    throw new Error('a cell failed');
  }
  await page.screenshot({ path: picture });
} finally {
  await browser.close();
}

async function choose(page, menu, item) {
  await page.locator('.lm-MenuBar-itemLabel', { hasText: new RegExp(`^${menu}$`) }).click();
  await page.locator('.lm-Menu-itemLabel', { hasText: new RegExp(`^${item}$`) }).click();
}
