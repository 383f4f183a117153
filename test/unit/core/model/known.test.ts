/** Unknown stays unknown: nothing turns it into a value but a caller that says so. */
import { describe, expect, it } from 'vitest';
import { known, mapKnown, unknown, valueOr } from '../../../../src/core/model/known.ts';

describe('a known value', () => {
  it('is handed on, falsy ones too', () => {
    expect(valueOr(known(false), true)).toBe(false);
    expect(valueOr(known(null), 'x')).toBe(null);
    expect(mapKnown(known(2), (n) => n + 1)).toEqual(known(3));
  });
});

describe('an unknown value', () => {
  it('keeps its reason and is never mapped', () => {
    const nothing = unknown('no answer within 2 s');
    const never = (): never => {
      throw new Error('must not be called');
    };
    expect(mapKnown(nothing, never)).toEqual({ kind: 'unknown', reason: 'no answer within 2 s' });
    expect(valueOr(nothing, 'shown instead')).toBe('shown instead');
  });
});
