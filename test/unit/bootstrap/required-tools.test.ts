/** A missing tool is named; nothing is skipped for want of it. */
import { describe, expect, it } from 'vitest';
import { missingPrograms } from '../../../src/bootstrap/required-tools.js';

describe('programs that are needed', () => {
  it('are looked for in every folder of PATH', () => {
    expect(missingPrograms(['sh', 'primacy-no-such-program'], '/nowhere:/usr/bin:/bin')).toEqual([
      'primacy-no-such-program',
    ]);
  });

  it('are all missing where PATH is empty', () => {
    expect(missingPrograms(['sh'], '')).toEqual(['sh']);
  });
});
