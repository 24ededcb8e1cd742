// Opens a trace in a file that is dropped on the page.
import { signal } from '@preact/signals';
import { type ImportAnswer, MAX_IMPORT_BYTES } from '../../api.js';
import { announce } from '../parts/announce.js';
import { explain, postJson } from '../parts/api-client.js';
import { navigate } from '../parts/route.js';
import { bytesText } from '../parts/text.js';

const isOver = signal(false);

export function listenForDrops(): void {
  document.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    isOver.value = true;
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) isOver.value = false;
  });
  document.addEventListener('drop', (event) => {
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    isOver.value = false;
    void importFile(file);
  });
}

async function importFile(file: File): Promise<void> {
  if (file.size > MAX_IMPORT_BYTES)
    return announce(`The file has ${bytesText(file.size)}; at most ${bytesText(MAX_IMPORT_BYTES)} are taken`);
  try {
    const { traceIds } = await postJson<ImportAnswer>('/api/import', await file.text());
    announce(`Opened ${traceIds.length} ${traceIds.length === 1 ? 'trace' : 'traces'}`);
    navigate(traceIds.length === 1 ? `/traces/${traceIds[0]}` : '/traces');
  } catch (error) {
    announce(explain(error));
  }
}

export function DropHint() {
  return isOver.value ? <div class="drop">Drop a trace: OTLP JSON or Jaeger JSON</div> : null;
}
