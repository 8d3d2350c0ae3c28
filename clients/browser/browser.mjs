// The Chromium of this machine.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

// browserPath returns where it is.
function browserPath() {
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];
  const found = known.find((name) => name && existsSync(name));
  if (!found) throw new Error('no Chromium found; name one in CHROMIUM');
  return found;
}

// openBrowser starts Chromium without a window and without its own traffic.
export function openBrowser() {
  return chromium.launch({
    executablePath: browserPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--no-first-run', '--no-default-browser-check', '--disable-domain-reliability'],
  });
}
