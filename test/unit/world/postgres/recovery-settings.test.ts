/** What is written into postgresql.auto.conf, word for word. */
import { expect, test } from 'vitest';
import {
  connectionString,
  passwordFileLine,
  replaceSettings,
  standbySettings,
} from '../../../../src/world/postgres/recovery-settings.ts';

test('a value with quote or backslash survives the connection string', () => {
  expect(connectionString({ host: '10.0.0.1', user: "o'x\\y" })).toBe(
    String.raw`host='10.0.0.1' user='o\'x\\y'`,
  );
});

test('a password file line escapes colons and backslashes', () => {
  expect(passwordFileLine('primacy', 'a:b\\c')).toBe('*:*:*:primacy:a\\:b\\\\c\n');
});

test('settings are replaced whatever their spelling, and all others stay', () => {
  const text =
    "# made by ALTER SYSTEM\nwork_mem = '7MB'\nPrimary_Conninfo='old'\nrecovery_target_time '2020'\n";
  const written = replaceSettings(text, { primary_conninfo: "host='x'", recovery_target_time: '' });
  expect(written).toBe(
    "# made by ALTER SYSTEM\nwork_mem = '7MB'\nprimary_conninfo = 'host=''x'''\nrecovery_target_time = ''\n",
  );
});

test('nothing that could promote the standby by itself is left', () => {
  const settings = standbySettings({
    host: 'h',
    port: 1,
    user: 'u',
    passfile: '/p',
    application_name: 'pg2',
  });
  expect(settings).toMatchObject({
    recovery_target_time: '',
    promote_trigger_file: '',
    primary_slot_name: '',
  });
  expect(settings['primary_conninfo']).toBe(
    "host='h' port='1' user='u' passfile='/p' application_name='pg2'",
  );
});
