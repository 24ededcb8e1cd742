// URLs without their secrets: query strings carry tokens, signatures, e-mail addresses. Names of
// parameters stay, values do not.

const REDACTED = 'REDACTED';
/** Further parameters are cut off. */
const MAX_PARAMETERS = 30;

/** The query of a path or URL, without `?` and fragment; undefined when there is none. */
export function queryOf(path: string): string | undefined {
  const start = path.indexOf('?');
  if (start === -1) return undefined;
  const end = path.indexOf('#', start);
  return path.slice(start + 1, end === -1 ? undefined : end);
}

/**
 * The query with all values replaced but those of the parameters in `keep`. A word without `=`
 * counts as a value.
 */
export function redactQuery(query: string, keep: ReadonlySet<string>): string {
  if (query === '') return query;
  const parts = query.split('&', MAX_PARAMETERS);
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] ?? '';
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    if (keep.has(name)) continue;
    parts[i] = equals === -1 ? (part === '' ? '' : REDACTED) : `${name}=${REDACTED}`;
  }
  return parts.join('&');
}

/** A path or URL with its query redacted, without fragment. */
export function redactUrl(url: string, keep: ReadonlySet<string>): string {
  const query = queryOf(url);
  if (query === undefined) return url;
  return `${url.slice(0, url.indexOf('?'))}?${redactQuery(query, keep)}`;
}
