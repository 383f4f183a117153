/** Services are found in a package's list of files, whichever way they would start. */
import { describe, expect, it } from 'vitest';
import { servicesIn } from '../../../src/bootstrap/services.js';

describe('the services of a package', () => {
  it('are its units and its init scripts, without templates and anything that is not started', () => {
    expect(
      servicesIn([
        '/.',
        '/lib/systemd/system/ssh.service',
        '/lib/systemd/system/ssh.socket',
        '/lib/systemd/system/ssh@.service',
        '/usr/lib/systemd/system/e2scrub_all.timer',
        '/lib/systemd/system/rescue-ssh.target',
        '/lib/systemd/system/postgresql.service.d/a.conf',
        '/etc/init.d/ssh',
        '/etc/init.d',
        '/usr/sbin/sshd',
      ]),
    ).toEqual({ units: ['ssh.service', 'ssh.socket', 'e2scrub_all.timer'], initScripts: ['ssh'] });
  });
});
