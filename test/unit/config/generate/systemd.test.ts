/** The units: what must hold so that neither agent nor fuse takes a server along, and neither stays away. */
import { expect, test } from 'vitest';
import { fuseUnit, postgresqlDropIn, systemdUnit } from '../../../../src/config/generate/systemd.ts';
import { configSchema } from '../../../../src/config/schema.ts';

const programs = { nodeProgram: '/opt/node', primacyProgram: '/opt/primacy.js' };
const parse = (postgres: object) =>
  configSchema.parse({
    clusters: [
      {
        name: 'main',
        vip: '10.0.0.100/24',
        interface: 'eth0',
        vrid: 51,
        postgres,
        nodes: [{ name: 'pg1', addresses: ['10.0.0.1'] }],
      },
    ],
  }).clusters[0]!;

test.each([
  'ExecStart=/opt/node /opt/primacy.js agent',
  'ExecReload=/bin/kill -HUP $MAINPID',
  'Restart=always',
  'RestartSec=100ms',
  'StartLimitIntervalSec=0',
  // A server that the agent started is in its control group.
  'KillMode=process',
])('the agent\u2019s unit says %s', (line) => {
  expect(systemdUnit(programs).split('\n')).toContain(line);
});

test('the agent\u2019s unit has no runtime directory, which would take the closed gate away with the agent', () => {
  expect(systemdUnit(programs)).not.toMatch(/^RuntimeDirectory/m);
});

test('the fuse does not depend on the agent, and comes back at once and always', () => {
  expect(fuseUnit()).not.toContain('primacy-agent');
  expect(fuseUnit()).toMatch(/^Restart=always\nRestartSec=100ms$/m);
  expect(fuseUnit()).toMatch(/^ExecStart=\/etc\/primacy\/guard\/fuse-supervisor$/m);
});

test('systemd starts and stops PostgreSQL by Primacy alone, and does not try again what was refused', () => {
  const text = postgresqlDropIn(parse({}), programs);
  expect(text).toContain('/etc/systemd/system/postgresql@15-main.service.d/primacy.conf');
  expect(text).toMatch(/^ExecStart=\nExecStart=\/opt\/node \/opt\/primacy\.js start$/m);
  expect(text).toMatch(/^ExecStop=\nExecStop=\/opt\/node \/opt\/primacy\.js stop$/m);
  expect(text).toMatch(/^Restart=no$/m);
});

test('a data directory that is not in Debian\u2019s place leaves the unit\u2019s name to a person', () => {
  expect(postgresqlDropIn(parse({ dataDirectory: '/data/pg' }), programs)).toContain(
    'postgresql@VERSION-CLUSTER',
  );
});
