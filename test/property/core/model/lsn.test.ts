/** Goal: no LSN is lost between number and text. Method: all 64-bit numbers and arbitrary texts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLsn, lsnDifferenceBytes, parseLsn, type Lsn } from '../../../../src/core/model/lsn.ts';
import { PrimacyError } from '../../../../src/core/model/primacy-error.ts';

const anyLsn = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map((value) => value as Lsn);

describe('any LSN', () => {
  it('is the same after it was written and read', () => {
    fc.assert(fc.property(anyLsn, (lsn) => parseLsn(formatLsn(lsn)) === lsn));
  });

  it('differs from another as far as the other from it', () => {
    fc.assert(
      fc.property(anyLsn, anyLsn, (a, b) => lsnDifferenceBytes(a, b) + lsnDifferenceBytes(b, a) === 0),
    );
  });
});

describe('any text', () => {
  const anyText = fc.oneof(fc.string(), fc.stringMatching(/^[0-9A-Fa-f]{0,9}\/[0-9A-Fa-f]{0,9}$/));

  it('is an LSN that is written back equal but for case and zeros, or a coded error', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const plain = text.split('/').map((part) => part.toUpperCase().replace(/^0+(?=.)/, ''));
        expect([plain.join('/'), 'output-invalid']).toContain(writtenBack(text));
      }),
    );
  });
});

function writtenBack(text: string): string {
  try {
    return formatLsn(parseLsn(text));
  } catch (error) {
    return error instanceof PrimacyError ? error.code : String(error);
  }
}
