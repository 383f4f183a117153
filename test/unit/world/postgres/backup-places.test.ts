/** Mount points are read as the kernel writes them. */
import { expect, test } from 'vitest';
import { mountPoints } from '../../../../src/world/postgres/backup-places.ts';

test('the fifth field is the mount point, with its signs written as octal numbers', () => {
  const text = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    String.raw`36 22 8:2 /pg /srv/my\040data\134 rw,relatime shared:2 unbindable - ext4 /dev/sdb1 rw`,
    '',
  ].join('\n');
  expect([...mountPoints(text)]).toEqual(['/', '/srv/my data\\', '']);
});
