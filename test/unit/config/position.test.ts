/** Positions point at what a person sees: quotation marks included, keys for unknown keys, the key where a value is empty. */
import { describe, expect, it } from 'vitest';
import { parseDocument, type ConfigPath, type ParsedDocument } from '../../../src/config/position.ts';

function parsed(text: string): ParsedDocument {
  const result = parseDocument(text);
  if (result.kind === 'malformed') throw new Error(result.problem.reason);
  return result.document;
}

describe('the place of a value', () => {
  const text = [
    '# first',
    'a:',
    '  - x: 1',
    "    y: 'two'",
    '  - {z: [3, "four"]}',
    'e:',
    'f: &anchor {g: 1}',
    'h: *anchor',
    '',
  ].join('\n');
  const rows: readonly (readonly [ConfigPath, number, number])[] = [
    [[], 2, 1],
    [['a'], 3, 3],
    [['a', 0, 'x'], 3, 8],
    [['a', 0, 'y'], 4, 8],
    [['a', 1], 5, 5],
    [['a', 1, 'z', 1], 5, 13],
    [['e'], 6, 1],
    [['h'], 8, 4],
    [['h', 'g'], 8, 4],
    [['a', 0, 'absent', 'deeper'], 3, 5],
    [['absent'], 2, 1],
  ];
  it.each(rows)('%j is line %i, column %i', (path, line, column) => {
    expect(parsed(text).valueAt(path)).toEqual({ line, column });
  });

  it('of a key is where the key begins', () => {
    expect(parsed(text).keyAt(['a', 0, 'y'])).toEqual({ line: 4, column: 5 });
  });

  it('counts lines that end in CR LF', () => {
    expect(parsed('a: 1\r\nb: 2\r\n').valueAt(['b'])).toEqual({ line: 2, column: 4 });
  });

  it('does not mix up keys that look alike when joined', () => {
    expect(parsed('a.b: 1\na: { b: 2 }\n').valueAt(['a', 'b'])).toEqual({ line: 2, column: 9 });
  });
});
