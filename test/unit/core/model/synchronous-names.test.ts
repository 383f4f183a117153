/** The setting is read as PostgreSQL reads it: every form of its grammar, and nothing that PostgreSQL refuses. */
import { describe, expect, test } from 'vitest';
import { isListed, parseSynchronousNames } from '../../../../src/core/model/synchronous-names.ts';

const first = (count: number, ...standbys: string[]) => ({ method: 'first', count, standbys });
const any = (count: number, ...standbys: string[]) => ({ method: 'any', count, standbys });

describe('synchronous_standby_names', () => {
  test.each([
    ['', null],
    ['  \t\n', null],
    ['*', first(1, '*')],
    ['pg2', first(1, 'pg2')],
    ['pg2, pg3', first(1, 'pg2', 'pg3')],
    ['2 (pg2, pg3)', first(2, 'pg2', 'pg3')],
    ['2(pg2,pg3)', first(2, 'pg2', 'pg3')],
    ['FIRST 1 (*)', first(1, '*')],
    ['first 2 (pg2,pg3 , pg4)', first(2, 'pg2', 'pg3', 'pg4')],
    ['Any 1 (pg2, pg3)', any(1, 'pg2', 'pg3')],
    ['ANY 2(s1$a, _b, é)', any(2, 's1$a', '_b', 'é')],
    ['"walreceiver ""2"", a", pg3', first(1, 'walreceiver "2", a', 'pg3')],
    ['"FIRST", "any"', first(1, 'FIRST', 'any')],
    ['1, 2', first(1, '1', '2')],
    ['1', first(1, '1')],
    ['1 (2, 3)', first(1, '2', '3')],
    ['firstborn, anything', first(1, 'firstborn', 'anything')],
  ])('%j', (text, value) => {
    expect(parseSynchronousNames(text)).toEqual({ kind: 'known', value });
  });

  test.each([
    '(',
    'pg2,',
    ',pg2',
    'pg2 pg3',
    'FIRST',
    'any, pg2',
    'FIRST 1 pg2',
    'FIRST 0 (pg2)',
    'FIRST 1 ()',
    'FIRST (pg2)',
    '1 (pg2',
    'ANY 1 (pg2))',
    'pg-2',
    'pg2; pg3',
    '"pg2',
    '-1 (pg2)',
  ])('PostgreSQL refuses %j, and so nobody decides by it', (text) => {
    expect(parseSynchronousNames(text).kind).toBe('unknown');
  });
});

describe('a standby is listed', () => {
  const listed = (text: string, name: string): boolean => {
    const names = parseSynchronousNames(text);
    return names.kind === 'known' && names.value !== null && isListed(names.value, name);
  };

  test('by its name, whatever the case of ASCII letters, or by the star', () => {
    expect(listed('PG2', 'pg2')).toBe(true);
    expect(listed('FIRST 1 (a, "Pg2")', 'pG2')).toBe(true);
    expect(listed('ANY 1 (*)', 'anything')).toBe(true);
    expect(listed('pg2', 'pg22')).toBe(false);
    expect(listed('É', 'é')).toBe(false);
  });
});
