// How a reader finds Go: in the launcher, by its logo.

import assert from 'node:assert/strict';

// isDrawn reports whether a picture has been loaded.
const isDrawn = (img) => img.complete && img.naturalWidth > 0;

export function opening(session) {
  session.step('a new notebook comes from the launcher, with our logo', 'launcher', async (notebook) => {
    const { page } = notebook;
    await notebook.start();
    let reader = notebook;
    if (session.front === 'lab') {
      const card = page.locator('.jp-LauncherCard[data-category="Notebook"][title="Go"]');
      const logo = card.locator('img[src*="kernelspecs/gokernel/logo"]');
      await logo.waitFor({ timeout: 60_000 });
      await page.waitForFunction(isDrawn, await logo.elementHandle());
      await notebook.shoot('00-launcher');
      await notebook.connects(() => card.click());
    } else {
      await page.locator('.jp-DirListing-content').waitFor({ timeout: 60_000 });
      const opened = session.context.waitForEvent('page');
      await notebook.menu('New', 'Go');
      reader = session.look(await opened);
      await reader.connects(() => reader.panel.waitFor());
    }
    await reader.panel.locator('.jp-KernelName jp-button[aria-label="Go"]').waitFor();
    if (session.front === 'notebook7') {
      const logo = reader.page.locator('.jp-NotebookKernelLogo img[src*="kernelspecs/gokernel/logo"]');
      await logo.waitFor();
      await reader.page.waitForFunction(isDrawn, await logo.elementHandle());
      await reader.shoot('00-new');
    }
    const cell = await reader.execute('6 * 7');
    assert.equal(await reader.answered(cell), 1);
    await reader.output(cell, /^\s*42\s*$/);
  });
}
