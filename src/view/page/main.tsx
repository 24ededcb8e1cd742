// The viewer's page: starts it in the browser.
import { render } from 'preact';
import { listenForKeys } from './parts/keyboard.js';
import { listen } from './parts/live.js';
import { followLinks } from './parts/route.js';
import { applyTheme } from './parts/theme.js';
import { App } from './shell/app.js';
import { listenForDrops } from './shell/import-file.js';

const root = document.getElementById('app');
if (root !== null) {
  applyTheme();
  followLinks();
  listenForKeys();
  listenForDrops();
  listen();
  render(<App />, root);
}
