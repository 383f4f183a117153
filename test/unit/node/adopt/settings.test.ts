/** What adoption writes for the guards, and what it remembers: the shell reads it back to the letter. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { pathsBelow } from '../../../../src/config/paths.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { rememberedOf, userCommandsOf } from '../../../../src/node/adopt/former-settings.ts';
import { guardSettings, userCommandsFile } from '../../../../src/node/adopt/guard-settings.ts';
import { standingPins } from '../../../../src/node/adopt/pins.ts';
import { firstUnpinned } from '../../../../src/node/adopt/preconditions.ts';
import type { SettingLook } from '../../../../src/world/postgres/server-settings.ts';

const paths = pathsBelow('/var/lib/primacy', '/run/primacy');
const parse = (vip: string) =>
  configSchema.parse({
    clusters: [
      { name: 'main', vip, interface: 'eth0', vrid: 51, nodes: [{ name: 'pg1', addresses: ['10.0.0.1'] }] },
    ],
  }).clusters[0]!;
const inShell = (text: string, name: string): string =>
  execFileSync('sh', ['-c', `eval "$1"; printf %s "$${name}"`, 'sh', text], { encoding: 'utf8' });
const settingsOf = (vip: string, active = true): string => {
  const cluster = parse(vip);
  return guardSettings({ cluster, node: cluster.nodes[0]!, paths, realDataDirectory: '/data/real', active });
};
const look = (name: string, pinned: string | null, configured: string | null = null): SettingLook => ({
  name,
  value: pinned ?? configured ?? '',
  pinned,
  configured,
});
const pins = standingPins(paths);

describe('the settings of the guards', () => {
  test.each([
    ['NODE', 'pg1'],
    ['ACTIVE', 'yes'],
    ['VIP', '10.0.0.100'],
    ['VIP_CIDR', '10.0.0.100/24'],
    ['VIP_HEX6', ''],
    ['LEASE_FILE', '/run/primacy/lease'],
    ['DATA_DIRECTORY_REAL', '/data/real'],
  ])('%s is %j', (name, value) => {
    expect(inShell(settingsOf('10.0.0.100/24'), name)).toBe(value);
  });

  test('are inactive until they are made active', () => {
    expect(inShell(settingsOf('10.0.0.100/24', false), 'ACTIVE')).toBe('no');
  });

  test.each([
    ['fd00::1:64/64', 'fd000000000000000000000000010064'],
    ['::/64', '0'.repeat(32)],
    ['2001:db8:0:1:2:3:4:5/64', '20010db8000000010002000300040005'],
    ['::ffff:10.0.0.100/120', '00000000000000000000ffff0a000064'],
  ])('IPv6 %s is looked for as the kernel prints it', (vip, hex) => {
    expect(inShell(settingsOf(vip), 'VIP_HEX6')).toBe(hex);
  });

  test.each(['it\u2019s', "it's", '"$(reboot)" `reboot` $HOME \\', 'two\nlines'])(
    'a user\u2019s command %j stays what it is',
    (command) => {
      const text = userCommandsFile({ restoreCommand: command, recoveryEndCommand: '' });
      expect(inShell(text, 'RESTORE_COMMAND')).toBe(command);
    },
  );
});

describe('what is remembered', () => {
  test('is the first adoption, whatever is pinned at the next', () => {
    const first = rememberedOf(
      [look('restart_after_crash', null), look('restore_command', 'mine')],
      null,
      paths,
    );
    expect(first.lines).toEqual({ restart_after_crash: null, restore_command: 'mine' });
    const again = [
      look('restart_after_crash', 'off'),
      look('restore_command', pins['restore_command'] ?? null),
    ];
    expect(rememberedOf(again, first, paths)).toEqual(first);
  });

  test('is a command that a person set over our pin, but not a pin that was only emptied', () => {
    const first = rememberedOf([look('restore_command', 'old')], null, paths);
    expect(rememberedOf([look('restore_command', 'new')], first, paths).lines).toEqual({
      restore_command: 'new',
    });
    expect(rememberedOf([look('restore_command', '')], first, paths)).toEqual(first);
  });

  test('is nothing of the pins that a base backup of an adopted server brought along', () => {
    const copy = [
      look('recovery_end_command', pins['recovery_end_command'] ?? null),
      look('restart_after_crash', 'off'),
    ];
    expect(rememberedOf(copy, null, paths).lines).toEqual({
      recovery_end_command: null,
      restart_after_crash: null,
    });
  });

  test.each([
    ['the line of ALTER SYSTEM', look('restore_command', 'altered', 'configured'), 'altered'],
    ['else that of the configuration', look('restore_command', null, 'configured'), 'configured'],
    ['else nothing', look('restore_command', null), ''],
  ])('the wrapper runs %s', (_, it, expected) => {
    expect(userCommandsOf([it], rememberedOf([it], null, paths)).restoreCommand).toBe(expected);
  });
});

describe('whether the server took the pins', () => {
  test('a duration in the setting\u2019s own unit is the same', () => {
    const it = { ...look('wal_retrieve_retry_interval', '200ms'), value: '200' };
    expect(firstUnpinned([it], pins, 'standby')).toBeNull();
  });

  test('the first one that it did not take is named', () => {
    expect(firstUnpinned([{ ...look('restart_after_crash', 'off'), value: 'on' }], pins, 'primary')).toBe(
      'restart_after_crash',
    );
  });

  test('a recovery target in force counts on a standby, and on a primary only from the next start on', () => {
    const it = { ...look('recovery_target_time', ''), value: '2026-01-01' };
    expect(firstUnpinned([it], pins, 'standby')).toBe('recovery_target_time');
    expect(firstUnpinned([it], pins, 'primary')).toBeNull();
  });
});
