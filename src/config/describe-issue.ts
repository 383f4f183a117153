/** Turns what zod reports into "what was expected, what was found", for a person who edits the file. */
import type { z } from 'zod';
import type { ConfigPath } from './position.ts';

export interface Problem {
  readonly path: ConfigPath;
  /** True where the key itself is wrong, so that its position is shown and not its value's. */
  readonly atKey: boolean;
  readonly message: string;
}

/** The problems behind one issue; more than one only for unknown keys, which zod reports together. */
export function problemsOf(issue: z.core.$ZodIssue, document: unknown): readonly Problem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], atKey: true, message: unknownKey(key) }));
  }
  return [{ path, atKey: false, message: `${expectation(issue)}, found ${foundAt(document, path)}` }];
}

function unknownKey(key: string): string {
  return key === '<<'
    ? 'expected no merge key "<<": write the values out'
    : `expected a known key, found ${JSON.stringify(key)}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  // Messages of our own schema begin like this already.
  if (issue.message.startsWith('expected ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${issue.values.map((value) => String(value)).join(' or ')}`;
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    default:
      return `expected something else (${issue.message})`;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

function unitOf(origin: string, count: number | bigint): string {
  if (origin === 'array') return Number(count) === 1 ? ' entry' : ' entries';
  return origin === 'string' ? ' characters' : '';
}

/** What stands at the path, short enough for one line. */
function foundAt(document: unknown, path: ConfigPath): string {
  let value = document;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return 'nothing';
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  return `${typeof value === 'string' ? 'text' : typeof value} ${shorten(JSON.stringify(value))}`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
