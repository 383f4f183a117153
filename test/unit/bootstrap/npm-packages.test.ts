/** `npm ci` runs exactly when what is installed is not what the lock file asks for. */
import { describe, expect, it } from 'vitest';
import { matches } from '../../../src/bootstrap/npm-packages.js';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/zod': { version: '4.6.7' },
    'node_modules/other-processor': { version: '1.0.0', optional: true },
  },
};
const zod = { 'node_modules/zod': { version: '4.6.7' } };

describe('installed npm packages', () => {
  it.each([
    ['are all there', { packages: zod }, true],
    [
      'have the optional one too',
      { packages: { ...zod, 'node_modules/other-processor': { version: '1.0.0' } } },
      true,
    ],
    ['are none', { packages: {} }, false],
    ['are not listed', {}, false],
    ['have another version', { packages: { 'node_modules/zod': { version: '4.6.6' } } }, false],
    [
      'have an old optional one',
      { packages: { ...zod, 'node_modules/other-processor': { version: '0.9.0' } } },
      false,
    ],
  ])('that %s: %j', (_what, installed, enough) => {
    expect(matches(wanted, installed)).toBe(enough);
  });
});
