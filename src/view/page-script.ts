// The page's only script: refreshes the page while it is visible. Without it, reloading does the
// same. The content security policy allows this very text, by its hash.

export const PAGE_SCRIPT = `
const parser = new DOMParser();
const shown = new Map();
const openRows = () => [...document.querySelectorAll('#trace details[open]')].map((row) => row.id).filter(Boolean);

// Finds what has the focus again after its part of the page was replaced.
function selectorOf(element) {
  if (element.id) return '#' + CSS.escape(element.id);
  if (element.tagName === 'SUMMARY' && element.parentNode.id) return '#' + CSS.escape(element.parentNode.id) + ' > summary';
  return element.tagName === 'A' ? "a[href='" + CSS.escape(element.getAttribute('href')) + "']" : undefined;
}

function replace(id, next) {
  const from = next.getElementById(id);
  const to = document.getElementById(id);
  if (!from || !to || shown.get(id) === from.innerHTML) return;
  const first = !shown.has(id) && to.innerHTML === from.innerHTML;
  shown.set(id, from.innerHTML);
  if (first) return;
  const open = openRows();
  const focused = to.contains(document.activeElement) ? selectorOf(document.activeElement) : undefined;
  to.replaceChildren(...from.childNodes);
  for (const row of open) document.getElementById(row)?.setAttribute('open', '');
  if (focused) to.querySelector(focused)?.focus({ preventScroll: true });
}

async function refresh() {
  if (document.hidden || document.activeElement?.form || String(getSelection()) !== '') return;
  try {
    const response = await fetch(location.href);
    document.body.classList.toggle('stale', !response.ok);
    if (!response.ok) return;
    const next = parser.parseFromString(await response.text(), 'text/html');
    for (const id of ['stats', 'search', 'list', 'trace']) replace(id, next);
  } catch {
    document.body.classList.add('stale');
  }
}

setInterval(refresh, 2000);
document.addEventListener('change', (event) => event.target.form?.requestSubmit());
function openTarget() {
  const row = location.hash && document.getElementById(location.hash.slice(1));
  if (row?.tagName === 'DETAILS') row.open = true;
}
addEventListener('hashchange', openTarget);
openTarget();
`;
