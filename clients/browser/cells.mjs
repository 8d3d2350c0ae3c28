// What a reader sees of single cells: progress, questions, completions, help, errors.

import assert from 'node:assert/strict';
import { ugliness } from './beauty.mjs';

// A cell that fails in a function of its own, in the third of its lines.
const failing = `func third(values []int) int {
	n := 3
	return values[n]
}

third([]int{1, 2})`;

export function cells(session) {
  session.step('a cell tells how far it is, in place', 'progress', async (notebook) => {
    await notebook.open(await session.blank('progress.ipynb', 'fmt.Println("above")'));
    const cell = await notebook.append(`fmt.Println("above")
for range display.Progress(40, "reading").Range() {
	time.Sleep(40 * time.Millisecond)
}
fmt.Println("below")`);
    // The page itself notes each state that it draws.
    await cell.evaluate((el) => {
      window.seen = [];
      const note = () => {
        const bars = [...el.querySelectorAll('progress')];
        if (bars.length > 0) window.seen.push({ bars: bars.length, value: bars[0].value, top: bars[0].offsetTop, height: bars[0].closest('.jp-OutputArea-child').offsetHeight });
        window.note = requestAnimationFrame(note);
      };
      note();
    });
    await notebook.run();
    await notebook.answered(cell);
    const outputs = await cell.locator('.jp-OutputArea-output').allInnerTexts();
    assert.match(outputs.join('|'), /^above\s*\|reading *40\/40 in [\d.]+s\s*\|below\s*$/);
    const seen = await notebook.page.evaluate(() => {
      cancelAnimationFrame(window.note);
      return window.seen;
    });
    const values = seen.map(({ value }) => value);
    assert.ok(new Set(values).size >= 5, `the bar is seen in ${new Set(values).size} places`);
    assert.deepEqual(values, [...values].sort((a, b) => a - b), 'it only goes forward');
    assert.equal(values.at(-1), 100);
    assert.deepEqual([...new Set(seen.map(({ bars, top, height }) => `${bars} ${top} ${height}`))].length, 1, 'one bar, which stays where it is and as high as it is');
    assert.deepEqual(await ugliness(notebook), []);
  });

  session.step('a cell asks for input', 'input', async (notebook) => {
    await notebook.open(await session.blank('input.ipynb', ''));
    const cell = await notebook.execute(`var name string
fmt.Print("Your name? ")
fmt.Scanln(&name)
fmt.Println("Hello,", name)`);
    const field = cell.locator('.jp-Stdin input');
    await field.waitFor();
    await notebook.output(cell, 'Your name?');
    await notebook.shoot('input-asked');
    await field.fill('Ann');
    await field.press('Enter');
    await notebook.output(cell, 'Hello, Ann');
    await notebook.answered(cell);
  });

  session.step('Tab completes a name', 'complete', async (notebook) => {
    await notebook.open(await session.blank('complete.ipynb', ''));
    const cell = await notebook.append('fmt.Sprint');
    await notebook.completable();
    await notebook.page.keyboard.press('Tab');
    const item = notebook.page.locator('.jp-Completer-item', { hasText: 'Sprintln' });
    await item.waitFor({ timeout: 10_000 });
    await notebook.shoot('completer');
    await item.click();
    await cell.locator('.cm-content', { hasText: 'fmt.Sprintln' }).waitFor();
  });

  session.step('Shift-Tab shows signature and documentation', 'tooltip', async (notebook) => {
    await notebook.open(await session.blank('tooltip.ipynb', ''));
    await notebook.append('fmt.Fprintf');
    await notebook.page.keyboard.press('Shift+Tab');
    const tooltip = notebook.page.locator('.jp-Tooltip', { hasText: 'Fprintf(w io.Writer, format string' });
    await tooltip.waitFor({ timeout: 10_000 });
    assert.match(await tooltip.innerText(), /Fprintf formats according to a format specifier/);
  });

  session.step('an error shows its line, in colours that can be read', 'error', async (notebook) => {
    await notebook.open(await session.blank('error.ipynb', ''));
    const cell = await notebook.execute(failing);
    const shown = await notebook.output(cell, 'index out of range [3] with length 2');
    assert.match(shown, /line 3/);
    assert.match(shown, /return values\[n\]/, 'the line itself');
    const mistake = await notebook.execute('undefinedName + 1');
    await notebook.output(mistake, /undefined: undefinedName/);
    for (const theme of ['Light', 'Dark']) {
      await notebook.theme(theme);
      const colours = await cell.locator('.jp-OutputArea-output span').evaluateAll((spans) => spans.map((span) => getComputedStyle(span).color));
      assert.ok(new Set(colours).size >= 1, `there are colours in ${theme}`);
      assert.deepEqual(await ugliness(notebook), [], theme);
      await notebook.shoot(`error-${theme.toLowerCase()}`);
    }
  });
}
