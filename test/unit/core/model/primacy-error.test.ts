/** One error class: code, retryable and cause survive, and any thrown thing has a text. */
import { describe, expect, it } from 'vitest';
import { errorText, PrimacyError } from '../../../../src/core/model/primacy-error.ts';

describe('an error of the product', () => {
  it('carries code, cause and whether a retry may help', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new PrimacyError('unreachable', 'cannot reach pg1', { retryable: true, cause });
    expect(error).toMatchObject({ code: 'unreachable', message: 'cannot reach pg1', retryable: true, cause });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('PrimacyError');
  });

  it('is not retryable and has no cause unless somebody says so', () => {
    const error = new PrimacyError('refused', 'cannot fence pg1');
    expect(error.retryable).toBe(false);
    expect('cause' in error).toBe(false);
  });

  it.each([
    [new Error('broken'), 'broken'],
    ['thrown text', 'thrown text'],
    [undefined, 'undefined'],
    [7, '7'],
  ])('tells the text of thrown %j', (thrown, text) => {
    expect(errorText(thrown)).toBe(text);
  });
});
