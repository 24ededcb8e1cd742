// The page's only script: keeps it up to date while it is looked at. Without it the page works as well, by reloading.
// The content security policy allows this very text, by its hash.

export const PAGE_SCRIPT = `
const parser = new DOMParser();
const shown = new Map();
const openRows = () => [...document.querySelectorAll('#trace details[open]')].map((row) => row.id).filter(Boolean);

function replace(id, next) {
  const from = next.getElementById(id);
  const to = document.getElementById(id);
  if (!from || !to || shown.get(id) === from.innerHTML) return;
  const first = !shown.has(id) && to.innerHTML === from.innerHTML;
  shown.set(id, from.innerHTML);
  if (first) return;
  const open = openRows();
  to.replaceChildren(...from.childNodes);
  for (const row of open) document.getElementById(row)?.setAttribute('open', '');
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
