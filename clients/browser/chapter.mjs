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

// moves reports whether an element looks another way after some generations of Life.
async function moves(page, element) {
  const first = await element.screenshot();
  await page.waitForTimeout(450);
  return !first.equals(await element.screenshot());
}

// filmOf returns the output of the cell of item 56 that shows a film with buttons.
const filmOf = (notebook) => notebook.cells.filter({ hasText: 'display.Display(gliding)' }).locator('.jp-OutputArea-output');

// playsUntrusted holds the film that came with the notebook, which the page does not trust yet, to moving.
async function playsUntrusted(notebook) {
  const film = filmOf(notebook).locator('img');
  await film.scrollIntoViewIfNeeded();
  assert.ok(await moves(notebook.page, film), 'the film runs before any cell does');
}

// plays holds the film to its buttons.
async function plays(notebook) {
  const { page } = notebook;
  const film = filmOf(notebook).locator('svg.gokernel-drawing');
  await film.scrollIntoViewIfNeeded();
  assert.ok(await moves(page, film), 'the film runs by itself');
  // While the film runs, each frame has buttons of its own, over the same place: the mouse goes there, whichever it meets.
  const press = async (name) => {
    const box = await film.locator(`.${name}`).first().boundingBox();
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.move(box.x + box.width / 2, box.y + 3 * box.height);
  };
  await press('hold');
  assert.ok(!await moves(page, film), 'the film is held');
  await film.evaluate(() => document.activeElement.blur());
  assert.ok(!await moves(page, film), 'the film is held, whoever has the focus');
  await press('play');
  assert.ok(await moves(page, film), 'the film goes on');
  await notebook.shoot('life-plays');
  await press('step');
  assert.ok(!await moves(page, film), 'the film stands a step further');
  const first = await film.screenshot();
  await press('step');
  assert.ok(!first.equals(await film.screenshot()), 'a step further it looks another way');
  assert.ok(!await moves(page, film), 'and stands again');
  await press('play');
  assert.ok(await moves(page, film), 'the film runs once more');
}

// read opens a lesson, runs it, holds it to what it should show and to how it should look, and keeps pictures of all of it.
async function read(session, notebook, { name, content, language }) {
  const shot = `${language}${name.replace('.ipynb', '')}`;
  await session.server.upload(name, content);
  const isLife = language === '' && name.startsWith('56');
  await notebook.open(name);
  if (isLife) await playsUntrusted(notebook);
  await notebook.runAll(240_000);
  await notebook.save();
  await asExpected(session, name);
  if (isLife) await plays(notebook);
  await notebook.shootWhole(`${shot}-light`);
  assert.deepEqual(await ugliness(notebook), [], 'in the light');
  if (!isLong && !/^(54|56)/.test(name)) return;
  await notebook.theme('Dark');
  await notebook.shootWhole(`${shot}-dark`);
  assert.deepEqual(await ugliness(notebook), [], 'in the dark');
}

// chapter makes a test of each lesson. Without much time, Notebook 7 reads one, and nobody the Chinese ones.
export async function chapter(session) {
  for (const language of isLong ? ['', 'zh'] : ['']) {
    for (const lesson of await lessons(language)) {
      if (!isLong && session.front === 'notebook7' && !lesson.name.startsWith('56')) continue;
      const title = `${language} ${lesson.name} runs and shows what it should`.trim();
      session.step(title, lesson.name.replace('.ipynb', language), (notebook) => read(session, notebook, { ...lesson, language }));
    }
  }
}
