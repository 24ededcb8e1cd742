// Chooses a colour for each service: the same on every page, and far from those of similar names.

import { type Html, html } from './html.js';

/** A style that sets --hue, which the page's colours are made of. */
export function serviceStyle(service: string): string {
  let hash = 0;
  for (let index = 0; index < service.length; index++) hash = (hash * 31 + service.charCodeAt(index)) >>> 0;
  // The golden angle spreads neighbours. Red (330 to 30 degrees) is left to errors.
  return `--hue:${30 + Math.floor((hash * 137.508) % 300)}`;
}

export function renderServices(services: readonly string[]): Html {
  return html`<span class="services">${services.map((name) => html`<span class="dot" style="${serviceStyle(name)}">${name || '(no service name)'}</span>`)}</span>`;
}
