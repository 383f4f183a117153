/** LSNs are numbers inside and PostgreSQL's text outside. */
import { describe, expect, it } from 'vitest';
import { formatLsn, lsnDifferenceBytes, parseLsn } from '../../../../src/core/model/lsn.ts';

describe('an LSN', () => {
  it.each([
    ['0/0', 0n],
    ['0/3000060', 0x3000060n],
    ['16/B374D848', 0x16_b374d848n],
    ['FFFFFFFF/FFFFFFFF', 0xffffffff_ffffffffn],
  ])('%s is read and written', (text, value) => {
    expect(parseLsn(text)).toBe(value);
    expect(formatLsn(parseLsn(text))).toBe(text);
  });

  it('may be written in lower case and with leading zeros', () => {
    expect(parseLsn('0016/0b374d84')).toBe(parseLsn('16/B374D84'));
  });

  it.each(['', '0', '/', '0/', '/0', '0/g', '0/123456789', ' 0/0', '0/0\n', '-1/0', '0x1/0'])(
    'is not %j',
    (text) => {
      expect(() => parseLsn(text)).toThrow(`cannot read LSN: expected X/Y, got ${JSON.stringify(text)}`);
    },
  );

  it('compares as a number where text would be wrong', () => {
    expect(parseLsn('9/0') < parseLsn('10/0')).toBe(true);
  });

  it('differs from another by bytes, either way round', () => {
    expect(lsnDifferenceBytes(parseLsn('1/0'), parseLsn('0/FFFFFF00'))).toBe(256);
    expect(lsnDifferenceBytes(parseLsn('0/FFFFFF00'), parseLsn('1/0'))).toBe(-256);
  });
});
