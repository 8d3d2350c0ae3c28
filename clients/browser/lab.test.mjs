// Go in JupyterLab, as "make lab" starts it.

import { all } from './scenarios.mjs';
import { applies } from './session.mjs';

if (applies('lab')) await all('lab');
