/** The repository keeps its own rules of writing; every check is shown to fire on a bad sample. */
import { describe, expect, it } from 'vitest';
import { filesBelow, SOURCES, TEXT_FILES } from './repository.ts';
import {
  CHECKOUT,
  explainsExceptions,
  hasNoLeftover,
  hasTellingName,
  isNoBarrel,
  isShort,
  namesNoMachine,
  opensWithPurpose,
  runsEveryTest,
  usesTheFieldsWords,
  type TextCheck,
} from './text-checks.ts';

interface Row {
  readonly rule: string;
  readonly check: TextCheck;
  readonly folders: readonly string[];
  readonly pattern: RegExp;
  /** Path and text that must be complained about. */
  readonly bad: readonly (readonly [string, string])[];
  readonly good: readonly (readonly [string, string])[];
}

/** They hold what they look for: the two files of these checks. */
const THESE_CHECKS = /^test\/tidy\/text-checks/;

const rows: readonly Row[] = [
  {
    rule: 'a source opens with a sentence of purpose',
    check: opensWithPurpose,
    folders: ['src', 'test'],
    pattern: SOURCES,
    bad: [
      ['a.ts', 'export const a = 1;\n'],
      ['b.ts', '/** Says things */\n'],
    ],
    good: [['c.js', '#!/usr/bin/env node\n// The executable.\n']],
  },
  {
    rule: 'a source stops at 250 lines',
    check: isShort,
    folders: ['src', 'test'],
    pattern: SOURCES,
    bad: [['a.ts', 'a;\n'.repeat(251)]],
    good: [['b.ts', 'a;\n'.repeat(250)]],
  },
  {
    rule: 'no file only hands on what others export',
    check: isNoBarrel,
    folders: ['src'],
    pattern: SOURCES,
    bad: [
      ['a.ts', "export * from './b.ts';"],
      ['b.ts', "export { b } from './c.ts';"],
    ],
    good: [['c.ts', 'export const c = 1;']],
  },
  {
    rule: 'a file name says what is inside',
    check: hasTellingName,
    folders: ['src', 'test'],
    pattern: SOURCES,
    bad: [
      ['src/utils/a.ts', ''],
      ['src/core/index.ts', ''],
    ],
    good: [['src/core/lsn.ts', '']],
  },
  {
    rule: 'nothing is left unfinished',
    check: hasNoLeftover,
    folders: ['.'],
    pattern: TEXT_FILES,
    bad: [['a.ts', '// TODO: later']],
    good: [['b.ts', '// The list of things to do is the issue tracker.']],
  },
  {
    rule: 'every test runs',
    check: runsEveryTest,
    folders: ['test'],
    pattern: SOURCES,
    bad: ['skip', 'only', 'todo'].map((word) => ['a.test.ts', `it.${word}('waits')`]),
    good: [['b.test.ts', "it('stops', () => {})"]],
  },
  {
    rule: 'texts use the words of the field',
    check: usesTheFieldsWords,
    folders: ['src', 'test', 'rules', 'runbooks'],
    pattern: TEXT_FILES,
    bad: [
      ['a.md', 'The slave lags.'],
      ['b.ts', 'const leader = node;'],
    ],
    good: [['c.md', 'VRRP says MASTER, wal_level is replica.']],
  },
  {
    rule: 'nothing names one machine',
    check: namesNoMachine,
    folders: ['.'],
    pattern: /^.*\.(ts|js|sh|md|yml|yaml|json|npmrc)$/,
    bad: [
      ['a.sh', `cd ${CHECKOUT}/src`],
      ['package-lock.json', '"resolved": "https://example.org/a.tgz"'],
    ],
    good: [['b.sh', 'cd /etc/primacy']],
  },
  {
    rule: 'a switched-off rule has its reason beside it',
    check: explainsExceptions,
    folders: ['src', 'test'],
    pattern: SOURCES,
    bad: [['a.ts', '// @ts-ignore']],
    good: [['b.ts', '// oxlint-disable-next-line no-eval -- the sample must contain it']],
  },
];

describe.each(rows)('$rule', ({ check, folders, pattern, bad, good }) => {
  it('in this repository', () => {
    const files = folders
      .flatMap((folder) => filesBelow(folder, pattern))
      .filter(({ path }) => !THESE_CHECKS.test(path));
    expect(files.flatMap(check)).toEqual([]);
  });

  it.each(bad)('complains about bad sample %s', (path, text) => {
    expect(check({ path, text })).not.toEqual([]);
  });

  it.each(good)('accepts good sample %s', (path, text) => {
    expect(check({ path, text })).toEqual([]);
  });
});
