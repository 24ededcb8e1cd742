// The address of the page: which page is shown, of what, by which search. Links within the page change it without a reload.
import { computed, signal } from '@preact/signals';

export const PAGES = ['traces', 'logs', 'metrics', 'queues', 'now'] as const;
export type PageName = (typeof PAGES)[number];

export interface Route {
  readonly page: PageName;
  /** What follows the page's name: a trace id. */
  readonly id: string;
  readonly parameters: URLSearchParams;
}

const address = signal(location.pathname + location.search);

export const route = computed<Route>(() => {
  const { pathname, searchParams } = new URL(address.value, location.origin);
  const [, first = '', id = ''] = pathname.split('/');
  return { page: PAGES.find((page) => page === first) ?? 'traces', id: decode(id), parameters: searchParams };
});

/** The search that the list of each page was left with: the way back leads to it. */
const searches = new Map<PageName, string>();

export function pageAddress(page: PageName): string {
  return `/${page}${searches.get(page) ?? ''}`;
}

/** Goes to another address of the page. */
export function navigate(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (to === address.value) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  arrive();
}

/** Sets parameters of the address without an entry in the history; an empty one is taken away. */
export function setParameters(changes: Readonly<Record<string, string | readonly string[]>>): void {
  const { pathname, searchParams } = new URL(address.value, location.origin);
  for (const [name, value] of Object.entries(changes)) {
    searchParams.delete(name);
    for (const each of typeof value === 'string' ? [value] : value) if (each !== '') searchParams.append(name, each);
  }
  const query = searchParams.toString();
  navigate(`${pathname}${query === '' ? '' : `?${query}`}`, { replace: true });
}

/** Takes clicks on links to this page's own addresses. */
export function followLinks(): void {
  addEventListener('popstate', arrive);
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (link.pathname !== '/' && !PAGES.some((page) => link.pathname.split('/')[1] === page)) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
  arrive();
}

function arrive(): void {
  address.value = location.pathname + location.search;
  const { page, id } = route.value;
  if (id === '') searches.set(page, location.search);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
