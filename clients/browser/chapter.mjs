// The lessons, from their first cell to their last.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ugliness } from './beauty.mjs';
import { isLong, lessons, root } from './session.mjs';

const gokernel = path.join(root, 'bin', 'gokernel');

// asExpected fails if the outputs that a notebook of the tests' folder has been saved with are not those that its cells' metadata expects.
export async function asExpected(session, name) {
  const file = path.join(session.temp, `saved ${name}`);
  await writeFile(file, JSON.stringify(await session.server.download(name)));
  await promisify(execFile)(gokernel, ['verify', '--saved', file]).catch((err) => {
    throw new Error(`${name}: ${err.stdout}${err.stderr}`);
  });
}

// frames returns two pictures of an element, taken at different times.
async function frames(page, element) {
  const first = await element.screenshot();
  await page.waitForTimeout(450); // several generations
  return [first, await element.screenshot()];
}

// plays holds the drawing of Life below the last cells of item 56 to its buttons.
async function plays(session, notebook) {
  const { page } = notebook;
  const film = notebook.cells.filter({ hasText: 'display.Display(gliding)' }).locator('svg.gokernel-drawing');
  await film.scrollIntoViewIfNeeded();
  const moves = async () => {
    const [a, b] = await frames(page, film);
    return !a.equals(b);
  };
  assert.ok(await moves(), 'the film runs by itself');
  await film.locator('.hold').click();
  assert.ok(!await moves(), 'the film is held');
  await film.locator('.play').click();
  assert.ok(await moves(), 'the film goes on');
  await notebook.shoot('life-plays');
}

// read opens a lesson, runs it, holds it to what it should show and to how it should look, and keeps pictures of all of it.
async function read(session, notebook, { name, content, language }) {
  const shot = `${language}${name.replace('.ipynb', '')}`;
  await session.server.upload(name, content);
  await notebook.open(name);
  await notebook.runAll(240_000);
  await notebook.save();
  await asExpected(session, name);
  if (language === '' && name.startsWith('56')) await plays(session, notebook);
  await notebook.shootWhole(`${shot}-light`);
  assert.deepEqual(await ugliness(notebook), [], 'in the light');
  if (!isLong && !/^(54|56)/.test(name)) return;
  await notebook.theme('Dark');
  await notebook.shootWhole(`${shot}-dark`);
  assert.deepEqual(await ugliness(notebook), [], 'in the dark');
}

// chapter makes a test of each lesson. Without much time, Notebook 7 and the Chinese lessons get few.
export async function chapter(session) {
  for (const language of isLong ? ['', 'zh'] : ['']) {
    for (const lesson of await lessons(language)) {
      if (!isLong && session.front === 'notebook7' && !/^(00|54|56)/.test(lesson.name)) continue;
      session.step(`${language} ${lesson.name} runs and shows what it should`.trim(), lesson.name.replace('.ipynb', language), (notebook) => read(session, notebook, { ...lesson, language }));
    }
  }
}
