// Chooses a colour for each service: the same on every page, and far from those of similar names.

/** A style that sets --hue, which the page's colours are made of. */
export function serviceStyle(service: string): { readonly '--hue': number } {
  return { '--hue': serviceHue(service) };
}

export function serviceHue(service: string): number {
  let hash = 0;
  for (let index = 0; index < service.length; index++) hash = (hash * 31 + service.charCodeAt(index)) >>> 0;
  // The golden angle spreads neighbours. Red (330 to 30 degrees) is left to errors.
  return 30 + Math.floor((hash * 137.508) % 300);
}
