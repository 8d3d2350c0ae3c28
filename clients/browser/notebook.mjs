// A notebook open in a page of JupyterLab, handled with the mouse and the keyboard as a reader would.

import path from 'node:path';

// Notebook is the one notebook of a page.
export class Notebook {
  constructor(page, screenshots) {
    this.page = page;
    this.screenshots = screenshots;
    this.shots = 0;
    this.panel = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
  }

  // cells returns the code cells.
  get cells() { return this.panel.locator('.jp-CodeCell'); }

  // open waits until the notebook is shown and its kernel idle.
  async open(url) {
    await this.page.goto(url);
    await this.panel.waitFor({ timeout: 60_000 });
    await this.cells.first().waitFor();
    await this.idle();
  }

  // idle waits until the kernel is.
  async idle(timeout = 60_000) {
    await this.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor({ timeout });
  }

  // menu chooses an entry of the main menu: menu('Run', 'Run All Cells').
  async menu(name, entry) {
    await this.page.locator('#jp-MainMenu').getByText(name, { exact: true }).click();
    await this.page.locator('.lm-Menu-itemLabel').getByText(entry, { exact: true }).click();
  }

  // prompts returns the text beside each code cell: "[3]:", "[*]:" while it runs, "[ ]:" before.
  prompts() { return this.cells.locator('.jp-InputPrompt').allTextContents(); }

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

  // completable waits until the editor would complete what is typed, which JupyterLab works out after the typing.
  async completable() { await this.panel.locator('.jp-mod-active .jp-mod-completer-enabled').waitFor({ timeout: 10_000 }); }

  // save writes the notebook to its file.
  async save() {
    const written = this.page.waitForResponse((r) => r.request().method() === 'PUT' && r.url().includes('/api/contents/') && r.ok());
    await this.menu('File', 'Save Notebook');
    await written;
  }

  // answered waits until cell has run, and returns its prompt.
  async answered(cell, timeout = 30_000) {
    const prompt = cell.locator('.jp-InputPrompt', { hasText: /\[\d+\]:/ });
    await prompt.waitFor({ timeout });
    return prompt.textContent();
  }

  // output returns the text that stands below cell, once it matches pattern.
  async output(cell, pattern, timeout = 15_000) {
    const out = cell.locator('.jp-OutputArea').filter({ hasText: pattern });
    await out.waitFor({ timeout });
    return out.innerText();
  }

  // shoot keeps a picture of the page.
  async shoot(name) {
    this.shots += 1;
    const file = `${String(this.shots).padStart(2, '0')}-${name}.png`;
    await this.page.screenshot({ path: path.join(this.screenshots, file) });
  }
}
