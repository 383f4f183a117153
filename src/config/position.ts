/** Parses YAML and remembers where each value stands, so that every complaint can name line and column. */
import {
  constructFromEvents,
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
  type Event,
} from 'js-yaml';

/** Way from the document's root to a value: keys and indexes. */
export type ConfigPath = readonly (string | number)[];

/** Line and column, both from 1, as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface ParsedDocument {
  readonly value: unknown;
  /** Where the value stands; where it is absent, its nearest ancestor. */
  readonly valueAt: (path: ConfigPath) => Position;
  /** Where the key of the value stands. */
  readonly keyAt: (path: ConfigPath) => Position;
}

export interface SyntaxProblem {
  readonly position: Position;
  readonly reason: string;
}

export type ParseResult =
  | { readonly kind: 'parsed'; readonly document: ParsedDocument }
  | { readonly kind: 'malformed'; readonly problem: SyntaxProblem };

/** Parses one YAML document. Malformed are syntax errors, duplicate keys, an empty text and a second document. */
export function parseDocument(text: string): ParseResult {
  let events: Event[];
  let values: unknown[];
  try {
    events = parseEvents(text, {});
    values = constructFromEvents(events, { source: text });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // An empty text has no place: js-yaml then gives none.
    const found = error.mark === undefined ? 'nothing' : error.reason;
    return malformed(positionOf(text, error.mark?.position ?? 0), `expected YAML, found ${found}`);
  }
  if (values.length === 0) return malformed({ line: 1, column: 1 }, 'expected YAML, found nothing');
  if (values.length > 1) {
    return malformed({ line: 1, column: 1 }, `expected one YAML document, found ${values.length}`);
  }
  const offsets = collectOffsets(text, events);
  return {
    kind: 'parsed',
    document: {
      value: values[0],
      valueAt: (path) => positionOf(text, nearest(offsets.values, path)),
      keyAt: (path) => positionOf(text, nearest(offsets.keys, path)),
    },
  };
}

function malformed(position: Position, reason: string): ParseResult {
  return { kind: 'malformed', problem: { position, reason } };
}

/** Line and column of an offset. */
export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

interface Offsets {
  readonly keys: ReadonlyMap<string, number>;
  readonly values: ReadonlyMap<string, number>;
}

/** A mapping or sequence that is being read: the next event is its next key, value or item. */
interface Frame {
  readonly kind: 'mapping' | 'sequence' | 'document';
  readonly path: ConfigPath;
  /** Key that waits for its value; null where a key is expected. */
  key: string | null;
  index: number;
}

function collectOffsets(text: string, events: readonly Event[]): Offsets {
  const keys = new Map<string, number>();
  const values = new Map<string, number>();
  const frames: Frame[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      frames.pop();
      continue;
    }
    const frame = frames.at(-1);
    const offset = offsetOf(event);
    if (frame?.kind === 'mapping' && frame.key === null && event.type === EVENT_ID.SCALAR) {
      frame.key = getScalarValue(text, event);
      if (offset !== null) keys.set(pathKey([...frame.path, frame.key]), offset);
      continue;
    }
    const path = frame === undefined ? [] : pathOfNext(frame);
    const keyOffset = keys.get(pathKey(path));
    // An empty value stands nowhere: its key is where a person has to look.
    values.set(pathKey(path), offset ?? keyOffset ?? 0);
    if (keyOffset === undefined) keys.set(pathKey(path), offset ?? 0);
    const kind = collectionKind(event);
    if (kind !== null) frames.push({ kind, path, key: null, index: 0 });
  }
  return { keys, values };
}

function pathOfNext(frame: Frame): ConfigPath {
  if (frame.kind === 'document') return frame.path;
  if (frame.kind === 'sequence') return [...frame.path, frame.index++];
  const path = [...frame.path, frame.key ?? ''];
  frame.key = null;
  return path;
}

function collectionKind(event: Event): Frame['kind'] | null {
  switch (event.type) {
    case EVENT_ID.MAPPING:
      return 'mapping';
    case EVENT_ID.SEQUENCE:
      return 'sequence';
    case EVENT_ID.DOCUMENT:
      return 'document';
    default:
      return null;
  }
}

/** Where an event begins, its quotation mark included; null where it has no text. */
function offsetOf(event: Event): number | null {
  switch (event.type) {
    case EVENT_ID.MAPPING:
    case EVENT_ID.SEQUENCE:
      return event.start;
    case EVENT_ID.ALIAS:
      return event.anchorStart - 1;
    case EVENT_ID.SCALAR: {
      if (event.valueStart < 0) return null;
      const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
      return quoted ? event.valueStart - 1 : event.valueStart;
    }
    default:
      return null;
  }
}

function nearest(offsets: ReadonlyMap<string, number>, path: ConfigPath): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = offsets.get(pathKey(path.slice(0, length)));
    if (offset !== undefined) return offset;
  }
  return 0;
}

function pathKey(path: ConfigPath): string {
  return JSON.stringify(path.map(String));
}
