/** keepalived fails open without a word; each way it could is noticed. */
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeepalivedCheck } from '../../../../src/world/keepalived/check.ts';

let directory: string;
let configFile: string;
let gateFile: string;
const configuration = (weight = 'weight 0', extra = ''): string => `# comment
track_file primacy_gate {
  file ${gateFile} # the gate
  ${weight}
}
${extra}
vrrp_instance primacy {
  state BACKUP
  track_file {
    primacy_gate
  }
}
`;
const write = (text: string): void => writeFileSync(configFile, text, { mode: 0o644 });
const look = (): Record<string, unknown> =>
  Object.fromEntries(
    createKeepalivedCheck({ configFile, gateFile, vrrpInstance: 'primacy' })().map(({ check, intact }) => [
      check,
      intact.kind === 'known' ? intact.value : 'unknown',
    ]),
  );

beforeEach(() => {
  directory = mkdtempSync('/tmp/primacy-check-');
  configFile = join(directory, 'keepalived.conf');
  gateFile = join(directory, 'gate');
  write(configuration());
  writeFileSync(gateFile, '1\n', { mode: 0o644 });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('everything as it must be is intact', () => {
  expect(look()).toEqual({ config_file: true, track_file: true, script: true });
});

test('an executable configuration, which keepalived skips, is not', () => {
  chmodSync(configFile, 0o755);
  expect(look()['config_file']).toBe(false);
});

test('a missing configuration is not', () => {
  rmSync(configFile);
  expect(look()['config_file']).toBe(false);
});

test.each(['', 'garbage', '00', ' 1'])(
  'a gate that holds %j, which keepalived may read as open, is not',
  (content) => {
    writeFileSync(gateFile, content);
    expect(look()['track_file']).toBe(false);
  },
);

test('a gate that others may write is not', () => {
  chmodSync(gateFile, 0o666);
  expect(look()['track_file']).toBe(false);
});

test('a gate that belongs to somebody else is not', () => {
  chownSync(gateFile, 65534, 65534);
  expect(look()['track_file']).toBe(false);
});

test.each(['weight 1', ''])('a track file with %j does not hold a node in FAULT', (weight) => {
  write(configuration(weight));
  expect(look()['track_file']).toBe(false);
});

test('a track file that the instance does not use is not', () => {
  write(configuration().replace(/track_file \{\s+primacy_gate\s+\}/, ''));
  expect(look()['track_file']).toBe(false);
});

test('a script that is missing is not intact, and one that is safe is', () => {
  write(configuration('weight 0', 'vrrp_script chk {\n  script "/nowhere/check -x"\n}'));
  expect(look()['script']).toBe(false);
  write(configuration('weight 0', 'vrrp_script chk {\n  script "/usr/bin/true"\n}'));
  expect(look()['script']).toBe(true);
});
