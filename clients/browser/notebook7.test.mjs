// Go in Notebook 7, as "jupyter notebook" starts it, without a configuration of ours.

import { all } from './scenarios.mjs';
import { applies } from './session.mjs';

if (applies('notebook7')) await all('notebook7');
