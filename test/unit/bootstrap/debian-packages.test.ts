/** A person is told why each package is installed. */
import { expect, it } from 'vitest';
import { debianPackages } from '../../../src/bootstrap/debian-packages.js';

it.each(debianPackages)('$name is installed for a reason', ({ name, why }) => {
  expect(name).toMatch(/^[a-z0-9][a-z0-9.+-]+$/);
  expect(why).toMatch(/^[^\n]{8,}[^.\n]$/);
});

it('names each package once', () => {
  const names = debianPackages.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
