/** What is installed stays as it is; the one exception is a companion without a service that has to match a new package. */
import { describe, expect, it } from 'vitest';
import { parseChanges, parseNew } from '../../../src/bootstrap/dpkg.js';
import { upgradeRefusal, type Guarded } from '../../../src/bootstrap/upgrade-guard.js';

const simulation = `Reading package lists...
Inst libpq5 [15.16-0+deb12u1] (15.18-0+deb12u1 Debian:12 [amd64])
Inst keepalived (1:2.2.7-1+b2 Debian:12.1/stable [amd64])
Remv exim4 [4.96-15]
Conf keepalived (1:2.2.7-1+b2 Debian:12.1/stable [amd64])
`;

describe('what apt says that it would do', () => {
  it('is read as changes of what is there, and as what is new', () => {
    expect(parseChanges(simulation)).toEqual([
      { name: 'libpq5', from: '15.16-0+deb12u1', to: '15.18-0+deb12u1' },
      { name: 'exim4', from: '4.96-15', to: '' },
    ]);
    expect(parseNew(simulation)).toEqual(['keepalived']);
  });
});

describe('an installation', () => {
  const client: Guarded = {
    change: { name: 'openssh-client', from: '1', to: '2' },
    hasService: false,
    sharesSource: true,
  };

  it('that changes nothing is allowed', () => {
    expect(upgradeRefusal([])).toBe(null);
  });

  it('may bring a companion without a service to the version of a new package', () => {
    expect(upgradeRefusal([client])).toBe(null);
  });

  it.each([
    [
      'upgrades a package with a service',
      { ...client, hasService: true },
      'openssh-client would go from 1 to 2',
    ],
    [
      'upgrades a package that has nothing to do with it',
      { ...client, sharesSource: false },
      'would go from 1 to 2',
    ],
    [
      'removes a package',
      { ...client, change: { name: 'exim4', from: '1', to: '' } },
      'exim4 would be removed',
    ],
  ])('that %s is refused, and says which', (_what, touched, reason) => {
    expect(upgradeRefusal([client, touched])).toContain(reason);
  });
});
