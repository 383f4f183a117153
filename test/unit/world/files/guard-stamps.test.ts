/** Whether a guard runs, from what it wrote last: what is not understood is unknown, and what is old is dead. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readGuardStamp } from '../../../../src/world/files/guard-stamps.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync('/tmp/primacy-stamp-');
});
afterAll(() => rmSync(directory, { recursive: true }));
const read = (text: string | null): unknown => {
  const path = join(directory, 'fuse');
  rmSync(path, { force: true });
  if (text !== null) writeFileSync(path, text);
  const seen = readGuardStamp(path, 100_000, 1_000);
  return seen.kind === 'known' ? seen.value : 'unknown';
};

test.each([
  ['a look of this moment', '00000000010000\n', true],
  ['the oldest look that counts', '00000000009900\n', true],
  ['an older look', '00000000009899\n', false],
  ['a look in the future, of another boot', '00000000020000\n', false],
  ['no stamp', null, false],
  ['an empty stamp', '', 'unknown'],
  ['a part of a stamp', '000000000', 'unknown'],
  ['garbage', 'garbage of words\n', 'unknown'],
])('%s: %j is %s', (_, text, expected) => {
  expect(read(text)).toBe(expected);
});
