// Everything a reader does, in one front end.

import { cells } from './cells.mjs';
import { chapter } from './chapter.mjs';
import { opening } from './opening.mjs';
import { Session } from './session.mjs';
import { troubles } from './troubles.mjs';

// all makes the tests of a front end, "lab" or "notebook7".
export async function all(front) {
  const session = new Session(front);
  opening(session);
  cells(session);
  troubles(session);
  await chapter(session);
}
