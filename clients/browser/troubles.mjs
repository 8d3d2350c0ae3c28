// What goes wrong in a reader's day, and how it goes on.

import assert from 'node:assert/strict';
import { asExpected } from './chapter.mjs';
import { lessons } from './session.mjs';

// waitsFor is a cell's program that prints numbered lines until a file of that name is there, and then what it has.
const waitsFor = (file) => `n := 0
for {
	if _, err := os.Stat(${JSON.stringify(file)}); err == nil {
		break
	}
	n++
	fmt.Println("line", n)
	time.Sleep(50 * time.Millisecond)
}
fmt.Println("lines in all:", n)`;

export function troubles(session) {
  session.step('a deadlock is told, and one that nobody can tell is interrupted', 'deadlock', async (notebook, t) => {
    await notebook.open(await session.blank('deadlock.ipynb', ''));
    await notebook.execute('kept := 41');
    const plain = await notebook.execute(`var mu sync.Mutex
mu.Lock()
mu.Lock()`);
    await notebook.answered(plain);
    await notebook.output(plain, /deadlock/);
    // While a timer runs, something might still happen.
    const hidden = await notebook.execute(`left, right := make(chan int), make(chan int)
time.AfterFunc(time.Hour, func() {})
go func() { left <- <-right }()
right <- <-left`);
    await notebook.running(hidden);
    await notebook.page.waitForTimeout(1000); // time enough to be taken for a deadlock, wrongly
    await notebook.running(hidden);
    const start = Date.now();
    await notebook.menu('Kernel', 'Interrupt Kernel');
    await notebook.answered(hidden, 10_000);
    t.diagnostic(`interrupted within ${Date.now() - start} ms, menu clicks included`);
    await notebook.output(hidden, /[Ii]nterrupt/);
    await notebook.output(await notebook.execute('kept + 1'), /^\s*42\s*$/);
  });

  session.step('the kernel restarts and runs all cells anew', 'restart', async (notebook) => {
    const { name, content } = (await lessons())[0];
    await session.server.upload(name, content);
    await notebook.open(name);
    await notebook.runAll(60_000);
    assert.ok(await notebook.answered(notebook.cells.last()) > 1);
    await notebook.runFirst(); // so that its number tells whether it has run before the restart or behind it
    const first = (number) => notebook.cells.first().locator('.jp-InputPrompt', { hasText: number });
    await first(/\[\d\d+\]/).waitFor();
    await notebook.restart('Restart Kernel and Run All Cells…');
    await first('[1]').waitFor({ timeout: 60_000 });
    await notebook.settled(60_000);
    await notebook.save();
    await asExpected(session, name);
  });

  session.step('a crash of the process that runs the cells leaves the variables', 'crash', async (notebook) => {
    await notebook.open(await session.blank('crash.ipynb', ''));
    await notebook.execute('scores := map[string]int{"Ann": 3, "Bob": 5}');
    await notebook.execute('func best() int { return max(scores["Ann"], scores["Bob"]) }');
    const crash = await notebook.execute('syscall.Kill(os.Getpid(), syscall.SIGKILL)');
    await notebook.answered(crash);
    await notebook.output(crash, /killed|ended/);
    await notebook.output(await notebook.execute('best()'), /^\s*5\s*$/);
    assert.equal(await notebook.page.locator('.jp-Dialog').count(), 0, 'the page did not take the kernel for dead');
  });

  session.step('two notebooks run at once and know nothing of each other', 'two', async (notebook) => {
    const names = ['left.ipynb', 'right.ipynb'];
    for (const name of names) await session.blank(name, '');
    await notebook.open(names[0]);
    // Each waits for the other's file.
    const program = (mine, other) => `who := "${mine}"
if err := os.WriteFile("${mine}.txt", nil, 0o644); err != nil {
	panic(err)
}
for {
	if _, err := os.Stat("${other}.txt"); err == nil {
		break
	}
	time.Sleep(20 * time.Millisecond)
}
fmt.Println(who, "has seen ${other}")`;
    const left = await notebook.execute(program('left', 'right'));
    await notebook.running(left);
    let second = notebook;
    if (session.front === 'lab') {
      await notebook.connects(() => notebook.page.locator('.jp-DirListing-item', { hasText: names[1] }).dblclick());
    } else {
      second = session.look(await session.context.newPage());
      await second.open(names[1]);
    }
    const right = await second.execute(program('right', 'left'));
    await second.output(right, 'right has seen left');
    await second.output(await second.execute('who'), /^\s*right\s*$/);
    if (session.front === 'lab') await notebook.page.locator('.lm-TabBar-tab', { hasText: names[0] }).click();
    await notebook.output(left, 'left has seen right');
    await notebook.output(await notebook.execute('who'), /^\s*left\s*$/);
  });

  session.step('a page that is loaded again finds the kernel as it was', 'reload', async (notebook) => {
    await notebook.open(await session.blank('reload.ipynb', waitsFor('reload.txt')));
    await notebook.runFirst();
    await notebook.output(notebook.cells.first(), /line 3/);
    await notebook.save();
    await notebook.page.reload();
    await notebook.status(['busy', 'unknown']); // a kernel at work does not answer what it is
    await session.server.upload('reload.txt', 'go on');
    await notebook.idle();
    const told = await notebook.output(await notebook.execute('fmt.Println("still", n)'), /still \d+/);
    assert.ok(Number(/\d+/.exec(told)[0]) > 3, 'the cell went on meanwhile');
  });

  session.step('a network that fails for a while costs at most what was on its way', 'network', async (notebook, t) => {
    // JupyterLab may say what has happened, if it asks the server for its files or kernels meanwhile.
    const told = notebook.page.locator('.jp-Dialog', { hasText: 'Server Connection Error' });
    await notebook.page.addLocatorHandler(told, () => told.getByRole('button', { name: 'Close' }).click());
    await notebook.open(await session.blank('network.ipynb', waitsFor('network.txt')));
    const cell = notebook.cells.first();
    await notebook.runFirst();
    await notebook.output(cell, /line 3/);
    session.server.line.cut();
    await notebook.status(['connecting', 'disconnected', 'unknown']);
    await notebook.shoot('network-cut');
    await session.server.upload('network.txt', 'go on'); // the cell ends while nobody can hear of it
    session.server.line.mend();
    await notebook.answered(cell, 60_000);
    await notebook.idle();
    const shown = await notebook.output(cell, /lines in all: \d+/);
    const all = Number(/lines in all: (\d+)/.exec(shown)[1]);
    const lines = [...shown.matchAll(/^line (\d+)$/gm)].map((found) => Number(found[1]));
    const lost = Array.from({ length: all }, (_, i) => i + 1).filter((n) => !lines.includes(n));
    t.diagnostic(`lost: ${lost.length} of ${all} lines`);
    assert.deepEqual(lines, [...new Set(lines)].sort((a, b) => a - b), 'each line is there once, in its order');
    assert.ok(lost.length <= 3, `what was on its way when the line was cut is lost, and no more: ${lost}`); // nothing in the protocol gives it back
    assert.ok(!lost.includes(all), 'the last line, printed while the line was cut, is there');
    await notebook.output(await notebook.execute('n > 3'), /^\s*true\s*$/);
  });
}
