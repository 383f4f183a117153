/** The shell's reading of the lease: whatever is not a whole line with this node and a deadline in the future is no lease. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const GUARD = join(import.meta.dirname, '..', '..', '..', '..', 'src', 'node', 'guard');
let directory: string;
let leaseFile: string;

beforeAll(() => {
  directory = mkdtempSync('/tmp/primacy-lease-');
  leaseFile = join(directory, 'lease');
});
afterAll(() => rmSync(directory, { recursive: true }));

const sh = (script: string, ...parameters: readonly string[]): string =>
  execFileSync('sh', ['-c', script, 'sh', ...parameters], { encoding: 'utf8' });

function isValid(text: string | null): boolean {
  rmSync(leaseFile, { force: true });
  if (text !== null) writeFileSync(leaseFile, text);
  const script = '. "$1/lease.sh"; NODE=pg1 LEASE_FILE=$2; if lease_valid; then echo yes; else echo no; fi';
  return sh(script, GUARD, leaseFile).trim() === 'yes';
}

describe('the lease file', () => {
  test('with this node and a deadline in the future is a lease', () => {
    expect(isValid('99999999999 7 pg1\n')).toBe(true);
  });

  test.each([
    ['missing', null],
    ['empty', ''],
    ['an empty line', '\n'],
    ['of another node', '99999999999 7 pg2\n'],
    ['of a node whose name only begins like ours', '99999999999 7 pg10\n'],
    ['past its deadline', '1 7 pg1\n'],
    ['revoked', '0 7 pg1\n'],
    ['cut off before its end', '99999999999 7 pg1'],
    ['without an epoch', '99999999999 pg1\n'],
    ['with an epoch that is no number', '99999999999 x pg1\n'],
    ['with more words', '99999999999 7 pg1 pg2\n'],
    ['with a deadline that is no number', '1e99 7 pg1\n'],
    ['with a deadline below zero', '-5 7 pg1\n'],
    ['with a deadline that no shell can count', '99999999999999999999999999 7 pg1\n'],
    ['garbage', '\u0000\u0001garbage\n'],
  ])('that is %s is none', (_, text) => {
    expect(isValid(text)).toBe(false);
  });
});

describe("a user's command", () => {
  test.each([
    ['cp /a/%f "%p"', 'cp /a/F "P"'],
    ['100%% %x %r', '100% %x R'],
    ['%%f', '%f'],
    ['', ''],
    ['%', '%'],
  ])('%j becomes %j, as PostgreSQL would make it', (template, expected) => {
    const script = '. "$1/user-command.sh"; expand_command "$2" F P R; printf %s "$expanded"';
    expect(sh(script, GUARD, template)).toBe(expected);
  });
});
