// Renders the details of one span: facts, attributes, events, links, scope and resource.

import { formatDuration, valueText } from './format.js';
import { type Html, html } from './html.js';
import type { Attributes, Span } from './telemetry.js';

/** @param traceStart times are shown from here on */
export function renderDetails(span: Span, traceStart: bigint): Html {
  const status = span.status.message === '' ? span.status.code : `${span.status.code}: ${span.status.message}`;
  const facts: Record<string, string> = {
    service: span.service,
    kind: span.kind.toLowerCase(),
    starts: `+${formatDuration(span.startTimeUnixNano - traceStart)}`,
    status,
    'span id': span.spanId,
    'parent span id': span.parentSpanId,
    scope: `${span.scope.name} ${span.scope.version}`.trim(),
    dropped: droppedOf(span),
  };
  for (const [name, value] of Object.entries(facts)) if (value === '') delete facts[name];
  return html`<div class="details">
${renderTable(facts)}
${renderSection('Attributes', renderTable(span.attributes), span.attributes)}
${span.events.map((event) => html`<h4>Event ${event.name} at +${formatDuration(event.timeUnixNano - traceStart)}</h4>${renderTable(event.attributes)}`)}
${span.links.map((link) => html`<h4>Link to span ${link.spanId} of trace <a class="mono" href="/?trace=${link.traceId}">${link.traceId}</a></h4>${renderTable(link.attributes)}`)}
${renderSection('Resource', renderTable(span.resource), span.resource)}
</div>`;
}

function renderSection(title: string, table: Html, attributes: Attributes): Html | undefined {
  return Object.keys(attributes).length === 0 ? undefined : html`<h4>${title}</h4>${table}`;
}

function renderTable(attributes: Attributes): Html {
  const rows = Object.entries(attributes).map(([name, value]) => html`<tr><td>${name}</td><td class="mono">${valueText(value)}</td></tr>`);
  return html`<table>${rows}</table>`;
}

/** Counts of what the sender dropped because of its limits. */
function droppedOf(span: Span): string {
  const dropped = { attributes: span.droppedAttributesCount, events: span.droppedEventsCount, links: span.droppedLinksCount };
  return Object.entries(dropped)
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${number} ${what}`)
    .join(', ');
}
