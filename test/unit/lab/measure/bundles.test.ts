/** A row's text is found in WAL also where a page header lies in the middle of it. */
import { describe, expect, it } from 'vitest';
import { recordBytes } from '../../../../src/lab/measure/bundles.ts';

/** Two pages: 40 bytes of header, data, 24 bytes of header, data. */
function segment(): Buffer {
  const bytes = Buffer.alloc(2 * 8_192, '.');
  bytes.fill('H', 0, 40);
  bytes.fill('H', 8_192, 8_192 + 24);
  bytes.write('ledger r', 8_192 - 8, 'latin1');
  bytes.write('ow 17;', 8_192 + 24, 'latin1');
  return bytes;
}

describe('recordBytes', () => {
  it('joins what a page header splits', () => {
    const text = recordBytes(segment(), 0n, 0n, 1_000_000n).toString('latin1');
    expect(text).toContain('ledger row 17;');
    expect(text).not.toContain('H');
  });

  it('leaves out what lies before the fork and after the end', () => {
    const start = 0x3000000n;
    const text = recordBytes(segment(), start, start + 8_192n, start + 8_192n + 27n).toString('latin1');
    expect(text).toBe('ow ');
  });
});
