/** A fence marker that is not understood must never count as none. */
import { describe, expect, it } from 'vitest';
import { parseFenceMarker } from '../../../../src/core/model/fence-marker.ts';

const marker = {
  state: 'fenced',
  reason: 'dual-primary',
  remediation: 'r-1',
  fenceNumber: 7,
  setAt: 1_700_000_000_000,
};

describe('a fence marker', () => {
  it('is read with every field', () => {
    expect(parseFenceMarker({ ...marker, unknownField: 1 })).toEqual(marker);
    expect(parseFenceMarker({ ...marker, remediation: null }).remediation).toBeNull();
  });

  it.each([
    ['marker', null],
    ['marker', 'fenced'],
    ['state', { ...marker, state: 'half' }],
    ['reason', { ...marker, reason: 1 }],
    ['remediation', { ...marker, remediation: 'a b' }],
    ['fenceNumber', { ...marker, fenceNumber: -1 }],
    ['setAt', { ...marker, setAt: 'now' }],
  ])('with a wrong %s is refused by name', (field, value) => {
    expect(() => parseFenceMarker(value)).toThrow(`cannot read fence marker: ${field} is`);
  });
});
