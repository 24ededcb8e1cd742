// The comment that a statement carries to the server, in sqlcommenter's format:
// https://google.github.io/sqlcommenter/spec/
import { type Context, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { CommenterTags } from '../../context/commenter-tags.js';
import { commenterTagsOf } from '../../context/commenter-tags.js';
import { ResultCache } from '../result-cache.js';
import type { Statement } from './statement.js';

export interface CommentOptions {
  readonly mode: 'off' | 'static' | 'traceparent' | 'traceid';
  readonly position: 'trailing' | 'leading';
  /** `service.name`; an empty one gives no tag. */
  readonly application: string;
}

const MAX_TAG = 100;
/** Different sets of tags held. */
const MAX_TAG_SETS = 500;

/** Adds comments to SQL texts. */
export class Commenter {
  readonly #options: CommentOptions;
  readonly #application: string;
  /** Tags up to the traceparent, by the work they are of. */
  readonly #tags = new ResultCache<string, string>(MAX_TAG_SETS);
  /**
   * Comment of a named statement: its text must be the same each time, so it has no tags that
   * change.
   */
  readonly #named: string;

  constructor(options: CommentOptions) {
    this.#options = options;
    this.#application = options.application === '' ? '' : tag('application', options.application);
    this.#named = options.mode === 'off' || options.mode === 'traceid' || this.#application === '' ? '' : `/*${this.#application}*/`;
  }

  /** `text` with the comment of this trace, or `text` itself where none belongs. */
  comment(text: string, statement: Statement, spanContext: SpanContext, context: Context): string {
    const { mode } = this.#options;
    if (mode === 'off' || !statement.commentable) return text;
    const sampled = (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0;
    if (mode === 'traceid') return sampled ? this.#join(text, statement, `/* traceId: ${spanContext.traceId} */`) : text;
    const tags = this.#tagsOf(commenterTagsOf(context));
    if (mode === 'static' || !sampled) return tags === '' ? text : this.#join(text, statement, `/*${tags}*/`);
    const trace = `traceparent='00-${spanContext.traceId}-${spanContext.spanId}-01'`;
    return this.#join(text, statement, tags === '' ? `/*${trace}*/` : `/*${tags},${trace}*/`);
  }

  /** `text` of a named statement with its comment, which is the same each time. */
  commentNamed(text: string, statement: Statement): string {
    return this.#named === '' || !statement.commentable ? text : this.#join(text, statement, this.#named);
  }

  #join(text: string, statement: Statement, comment: string): string {
    return this.#options.position === 'leading' ? `${comment} ${text}` : text + statement.joint + comment;
  }

  /**
   * Sorted by key, as the format wants: application, job, queue, route; traceparent comes last by
   * itself.
   */
  #tagsOf(tags: CommenterTags): string {
    const isRoute = tags.queue === undefined && tags.job === undefined;
    const key = isRoute ? tags.route : `${tags.job ?? ''}\0${tags.queue ?? ''}\0${tags.route ?? ''}`;
    if (key === undefined) return this.#application;
    const known = this.#tags.get(key);
    if (known !== undefined) return known;
    const parts = [
      this.#application,
      tags.job === undefined ? '' : tag('job', tags.job),
      tags.queue === undefined ? '' : tag('queue', tags.queue),
      tags.route === undefined ? '' : tag('route', tags.route),
    ];
    const joined = parts.filter((one) => one !== '').join(',');
    this.#tags.offer(key, joined);
    return joined;
  }
}

function tag(key: string, value: string): string {
  return `${key}='${encodeTagValue(value.slice(0, MAX_TAG))}'`;
}

/**
 * %-encoding of all but letters, digits and `-_.~`: neither a quote nor the end of a comment can be
 * in it. Half of a surrogate pair, which cannot be encoded, becomes U+FFFD.
 */
export function encodeTagValue(value: string): string {
  const wellFormed = value.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
  return encodeURIComponent(wellFormed).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
