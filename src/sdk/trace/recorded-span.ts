// A span that is recorded. Does what the SDK's own does (sdk-trace 2.12, Span.ts) at a fraction of
// the cost: what most spans do not have (events, links, attributes of their own) and what is read
// once (times in seconds and nanoseconds) is made when it is asked for.
import {
  type Attributes,
  type AttributeValue,
  diag,
  type Exception,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api';
import { addHrTimes, hrTimeDuration, hrTimeToMilliseconds, type InstrumentationScope, millisToHrTime } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { Span, TimedEvent } from '@opentelemetry/sdk-trace';
import { kindOf, nameOf, propertyOf, reportMisuse, textOf } from '../../context/api-misuse.js';
import { ATTR_EVENT_LOOP_BLOCKED } from '../../diagnose/names.js';
import type { BlockedTime } from './blocked-time.js';
import type { ConstantAttributes } from './constant-attributes.js';
import { exceptionAttributes } from './exception-attributes.js';
import { attributeOf, eachAttribute, isSimpleAttribute, LatestItems, limitEvent, limitLink } from './span-limits.js';
import { type EndedSpan, NO_EVENTS, NO_LINKS, type SpanHost, type SpanStart, UNSET } from './span-start.js';
import { epochMillis, isTimeGiven, readingOf, readTime } from './span-time.js';

/** Links that one call may bring: more would hold the app up while they are looked through. */
const MAX_LINKS = 10_000;

export class RecordedSpan implements Span {
  readonly kind: SpanKind;
  name: string;
  status = UNSET;
  declare readonly parentSpanContext?: SpanContext;
  readonly #host: SpanHost;
  readonly #context: SpanContext;
  /**
   * The start, in milliseconds of the epoch and of `performance.now()`: that one measures, which
   * does not jump.
   */
  readonly #startedAt = performance.now();
  #startMs = epochMillis(this.#startedAt);
  /**
   * A start time that was given is not this moment, so the span's end is not measured from here.
   */
  readonly #isStartGiven: boolean;
  #startTime: HrTime | undefined = undefined;
  #endTime: HrTime | undefined = undefined;
  #durationMs: number | undefined = undefined;
  #isEnded = false;
  #constants: ConstantAttributes | undefined;
  #own: Attributes | undefined = undefined;
  #attributeCount = 0;
  #events: LatestItems<TimedEvent> | undefined = undefined;
  #links: LatestItems<Link> | undefined = undefined;
  droppedAttributesCount = 0;

  /** The caller notifies the processors. */
  constructor(host: SpanHost, { name, kind, spanContext, parent, constants, attributes, links, startTime }: SpanStart) {
    this.#host = host;
    this.#context = spanContext;
    this.name = name;
    this.kind = kind;
    if (parent !== undefined) this.parentSpanContext = parent;
    if (startTime !== undefined) this.#startTime = this.#readTime(startTime, 'Tracer.startSpan');
    this.#isStartGiven = this.#startTime !== undefined;
    this.#constants = constants;
    if (constants !== undefined) this.#attributeCount = constants.count;
    if (links !== undefined) this.addLinks(links);
    if (attributes !== undefined && !this.#takeCopy(attributes)) this.setAttributes(attributes);
    host.blockedTime?.spanStarted();
  }

  /** Makes a span again that has ended before. Processors have been told of it then. */
  static restore(host: SpanHost, { name, kind, spanContext, parent, constants, times, own, status, more }: EndedSpan): RecordedSpan {
    const given = { name, kind, spanContext, parent, constants, attributes: undefined, links: undefined, startTime: undefined };
    const span = new RecordedSpan(host.blockedTime === undefined ? host : { ...host, blockedTime: undefined }, given);
    if ('startMs' in times) {
      span.#startMs = times.startMs;
      span.#durationMs = times.durationMs;
    } else {
      span.#startTime = times.startTime;
      span.#endTime = times.endTime;
    }
    span.#isEnded = true;
    span.#own = own;
    span.status = status;
    if (more !== undefined) {
      span.droppedAttributesCount = more.droppedAttributes;
      if (more.events.length > 0) span.#events = new LatestItems(more.events.length, more.events, more.droppedEvents);
      if (more.links.length > 0) span.#links = new LatestItems(more.links.length, more.links, more.droppedLinks);
    }
    return span;
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return !this.#isEnded;
  }

  setAttribute(key: string, value: AttributeValue | undefined): this {
    if (this.#refuses()) return this;
    const { attributeCountLimit, attributeValueLengthLimit } = this.#host.limits;
    const taken = attributeOf(key, value, attributeValueLengthLimit);
    if (taken === undefined) return this;
    // Overwriting a constant attribute copies all of them into the span.
    const isConstant = this.#constants !== undefined && Object.hasOwn(this.#constants.values, key);
    this.#own = isConstant ? this.attributes : (this.#own ?? {});
    if (!isConstant && !Object.hasOwn(this.#own, key)) {
      if (this.#attributeCount >= attributeCountLimit) {
        this.droppedAttributesCount++;
        return this;
      }
      this.#attributeCount++;
    }
    this.#own[key] = taken;
    return this;
  }

  /**
   * The same as `setAttributes` for texts and numbers in an object that was made for this span, and
   * that have no names of its constants: it is kept as it is.
   */
  adopt(own: Attributes): void {
    const { attributeCountLimit, attributeValueLengthLimit } = this.#host.limits;
    let count = this.#attributeCount;
    for (const _key in own) count++;
    if (this.#own !== undefined || this.#isEnded || count > attributeCountLimit || attributeValueLengthLimit !== Number.POSITIVE_INFINITY) {
      this.setAttributes(own);
      return;
    }
    this.#own = own;
    this.#attributeCount = count;
  }

  /** Takes the first attributes over in one copy, where no one of them has to be changed. */
  #takeCopy(given: Attributes): boolean {
    const { attributeCountLimit, attributeValueLengthLimit } = this.#host.limits;
    if (attributeValueLengthLimit !== Number.POSITIVE_INFINITY) return false;
    try {
      const copy = { ...given };
      let count = 0;
      for (const key in copy)
        if (isSimpleAttribute(key, copy[key])) count++;
        else return false;
      if (count > attributeCountLimit) return false;
      this.#own = copy;
      this.#attributeCount = count;
      return true;
    } catch {
      return false; // One throws when it is read.
    }
  }

  /** Sets an attribute of the flight recorder on a span that waits in it, also after its end. */
  mark(key: string, value: AttributeValue): void {
    this.#own ??= {};
    this.#own[key] = value;
  }

  setAttributes(attributes: Attributes): this {
    try {
      for (const key in attributes) if (Object.hasOwn(attributes, key)) this.setAttribute(key, attributes[key]);
    } catch {
      reportMisuse('Span.setAttributes', 'an attribute throws when it is read');
      eachAttribute(attributes, (key, value) => this.setAttribute(key, value));
    }
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#refuses()) return this;
    const isTime = isTimeGiven(attributesOrTime);
    const at = this.#timeOf(time ?? (isTime ? attributesOrTime : undefined), 'Span.addEvent');
    const { limits } = this.#host;
    this.#events ??= new LatestItems(limits.eventCountLimit);
    this.#events.add(limitEvent(nameOf('Span.addEvent', name), isTime ? undefined : attributesOrTime, at, limits));
    return this;
  }

  addLink(link: Link): this {
    if (this.#refuses()) return this;
    const { limits } = this.#host;
    const limited = limitLink(link, limits);
    if (limited === undefined) reportMisuse('Span.addLink', 'the link has no span context, expected { context: { traceId, spanId, … } }');
    else {
      this.#links ??= new LatestItems(limits.linkCountLimit);
      this.#links.add(limited);
    }
    return this;
  }

  addLinks(links: readonly Link[]): this {
    try {
      let left = MAX_LINKS;
      for (const link of links)
        if (--left >= 0) this.addLink(link);
        else break;
    } catch {
      reportMisuse('Span.addLinks', `the links are ${kindOf(links)}, expected a list`);
    }
    return this;
  }

  /** OK is final; UNSET changes nothing. */
  setStatus(status: SpanStatus): this {
    if (this.#refuses()) return this;
    const code: unknown = propertyOf(status, 'code');
    if (code !== SpanStatusCode.OK && code !== SpanStatusCode.ERROR) {
      if (code !== SpanStatusCode.UNSET) reportMisuse('Span.setStatus', 'the code is no SpanStatusCode');
      return this;
    }
    if (this.status.code === SpanStatusCode.OK) return this;
    // Callers in JavaScript give what they caught.
    const given = code === SpanStatusCode.ERROR ? propertyOf(status, 'message') : undefined;
    const message = textOf(given);
    if (message === undefined && given !== undefined && given !== null)
      diag.warn(`Dropping invalid status.message of type '${typeof given}', expected 'string'`);
    this.status = message === undefined ? { code } : { code, message };
    return this;
  }

  updateName(name: string): this {
    if (!this.#refuses()) this.name = nameOf('Span.updateName', name);
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes = exception ? exceptionAttributes(exception) : undefined;
    if (attributes === undefined) diag.warn('Failed to record an exception: it has neither name nor message');
    else this.addEvent('exception', attributes, time);
  }

  end(time?: TimeInput): void {
    if (this.#isEnded) {
      diag.error(`${this.name} ${this.#context.traceId}-${this.#context.spanId} - You can only call end() on a span once.`);
      return;
    }
    if (this.#isStartGiven || (time !== undefined && time !== null)) this.#endAt(this.#timeOf(time, 'Span.end'));
    else this.#durationMs = performance.now() - this.#startedAt;
    const { blockedTime, counts, processor } = this.#host;
    if (blockedTime !== undefined) this.#addBlockedTime(blockedTime);
    processor.onEnding?.(this);
    if (this.droppedAttributesCount > 0) sayDropped('attributes', 'ATTRIBUTE');
    if (this.droppedEventsCount > 0) sayDropped('events', 'EVENT');
    if (this.droppedLinksCount > 0) sayDropped('links', 'LINK');
    this.#isEnded = true;
    counts.ended(this.#context);
    processor.onEnd(this);
  }

  /** Milliseconds since the epoch; those of the start when `durationMs` is there. */
  get startMs(): number {
    return this.#startMs;
  }

  /**
   * The duration of a span that has ended, measured by the clock; undefined for one that was given
   * times.
   */
  get durationMs(): number | undefined {
    return this.#durationMs;
  }

  /** A reading of `performance.now()`; undefined for a span that is open, or was given times. */
  get endedAt(): number | undefined {
    return this.#durationMs === undefined ? undefined : this.#startedAt + this.#durationMs;
  }

  get startTime(): HrTime {
    this.#startTime ??= millisToHrTime(this.#startMs);
    return this.#startTime;
  }

  get endTime(): HrTime {
    if (this.#endTime !== undefined) return this.#endTime;
    return this.#durationMs === undefined ? [0, 0] : addHrTimes(this.startTime, millisToHrTime(this.#durationMs));
  }

  get duration(): HrTime {
    const hasEnd = this.#endTime !== undefined || this.#durationMs !== undefined;
    return hasEnd ? hrTimeDuration(this.startTime, this.endTime) : [-1, -1];
  }

  get ended(): boolean {
    return this.#isEnded;
  }

  get attributes(): Attributes {
    if (this.#constants !== undefined) {
      this.#own = { ...this.#constants.values, ...this.#own };
      this.#constants = undefined;
    }
    this.#own ??= {};
    return this.#own;
  }

  /** The constant part of `attributes`; undefined once it is copied into the span. */
  get constants(): ConstantAttributes | undefined {
    return this.#constants;
  }

  /** The other attributes. */
  get ownAttributes(): Attributes | undefined {
    return this.#own;
  }

  get events(): TimedEvent[] {
    return this.#events?.items ?? NO_EVENTS;
  }

  get droppedEventsCount(): number {
    return this.#events?.dropped ?? 0;
  }

  get links(): Link[] {
    return this.#links?.items ?? NO_LINKS;
  }

  get droppedLinksCount(): number {
    return this.#links?.dropped ?? 0;
  }

  get host(): SpanHost {
    return this.#host;
  }

  get resource(): Resource {
    return this.#host.resource;
  }

  get instrumentationScope(): InstrumentationScope {
    return this.#host.scope;
  }

  #addBlockedTime(blockedTime: BlockedTime): void {
    blockedTime.spanEnded();
    const from = this.#isStartGiven ? readingOf(hrTimeToMilliseconds(this.startTime)) : this.#startedAt;
    const to = this.#durationMs === undefined ? readingOf(hrTimeToMilliseconds(this.endTime)) : from + this.#durationMs;
    const blocked = blockedTime.within(from, to);
    if (blocked > 0) this.setAttribute(ATTR_EVENT_LOOP_BLOCKED, blocked);
  }

  #endAt(endTime: HrTime): void {
    const isBefore = hrTimeDuration(this.startTime, endTime)[0] < 0;
    if (isBefore) diag.warn('Inconsistent start and end time, startTime > endTime. Setting span duration to 0ms.', this.startTime, endTime);
    this.#endTime = isBefore ? [this.startTime[0], this.startTime[1]] : endTime;
  }

  #timeOf(given: TimeInput | null | undefined, call: string): HrTime {
    const time = given === undefined || given === null ? undefined : this.#readTime(given, call);
    if (time !== undefined) return time;
    if (this.#isStartGiven) return millisToHrTime(Date.now());
    return addHrTimes(this.startTime, millisToHrTime(performance.now() - this.#startedAt));
  }

  #readTime(given: TimeInput, call: string): HrTime | undefined {
    const time = readTime(given, this.#startMs - this.#startedAt);
    if (time === undefined && given !== null)
      reportMisuse(call, `the time is ${kindOf(given)} that is no time, expected a number, a Date or hrtime`);
    return time;
  }

  #refuses(): boolean {
    if (this.#isEnded) {
      const { traceId, spanId } = this.#context;
      diag.warn(`Cannot execute the operation on ended Span {traceId: ${traceId}, spanId: ${spanId}}`, new Error('Span has ended'));
    }
    return this.#isEnded;
  }
}

/** Without a number, so that it is one line a minute and not one for each span. */
function sayDropped(what: string, limit: string): void {
  diag.warn(`Dropped ${what} of a span because OTEL_SPAN_${limit}_COUNT_LIMIT is reached`);
}
