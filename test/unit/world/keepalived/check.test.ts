/** keepalived fails open without a word; each way it could is noticed. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
const look = (): Record<string, unknown> => {
  const deadMan = { program: join(directory, 'guard', 'dead-man'), adoption: join(directory, 'adoption') };
  const check = createKeepalivedCheck({ configFile, gateFile, vrrpInstance: 'primacy', deadMan });
  return Object.fromEntries(
    check().map((it) => [it.check, it.intact.kind === 'known' ? it.intact.value : 'unknown']),
  );
};

beforeEach(() => {
  directory = mkdtempSync('/tmp/primacy-check-');
  configFile = join(directory, 'keepalived.conf');
  gateFile = join(directory, 'gate');
  write(configuration());
  writeFileSync(gateFile, '1\n', { mode: 0o644 });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('everything as it must be is intact', () => {
  expect(look()).toEqual({ config_file: true, track_file: true, script: true, dead_man: true });
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

test('a gate that is gone, which keepalived reads as open, is not intact', () => {
  rmSync(gateFile);
  expect(look()['track_file']).toBe(false);
});

test('what an included file holds counts, and an included file that keepalived skips is noticed', () => {
  mkdirSync(join(directory, 'conf.d'));
  const included = join(directory, 'conf.d', 'primacy.conf');
  writeFileSync(included, configuration(), { mode: 0o644 });
  write('global_defs {\n  router_id theirs\n}\ninclude conf.d/*.conf\n');
  expect(look()).toEqual({ config_file: true, track_file: true, script: true, dead_man: true });
  chmodSync(included, 0o755);
  expect(look()['config_file']).toBe(false);
  rmSync(included);
  expect(look()['config_file']).toBe(false);
});

describe('the dead-man script of an adopted node', () => {
  const script = (): string => join(directory, 'guard', 'dead-man');
  const block = (more = ''): string => `vrrp_script dm {\n  script "${script()}"\n  interval 1\n  ${more}\n}`;
  const tracked = (text: string): string =>
    text.replace('  state BACKUP', '  state BACKUP\n  track_script {\n    dm\n  }');

  beforeEach(() => {
    mkdirSync(join(directory, 'guard'));
    writeFileSync(script(), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(join(directory, 'adoption'), '{}');
    write(tracked(configuration('weight 0', block())));
  });

  test('is intact as it is generated', () => {
    expect([look()['script'], look()['dead_man']]).toEqual([true, true]);
  });

  test.each<[string, () => void]>([
    ['missing', () => rmSync(script())],
    ['not executable', () => chmodSync(script(), 0o644)],
    ['without its interpreter', () => writeFileSync(script(), '#!/nowhere/sh\n')],
    ['writable by its group', () => chmodSync(script(), 0o775)],
    ['in a folder that others may write to', () => chmodSync(join(directory, 'guard'), 0o777)],
  ])('is not, when it is %s: keepalived goes on without a word', (_, harm) => {
    harm();
    expect(look()['script']).toBe(false);
  });

  test.each<[string, () => void]>([
    ['is not configured', () => write(configuration())],
    ['is not used by the instance', () => write(configuration('weight 0', block()))],
    [
      'has a weight, which never means FAULT',
      () => write(tracked(configuration('weight 0', block('weight -20')))),
    ],
    [
      'runs too seldom',
      () => write(tracked(configuration('weight 0', block()).replace('interval 1', 'interval 5'))),
    ],
  ])('is missed where it %s', (_, harm) => {
    harm();
    expect(look()['dead_man']).toBe(false);
  });

  test('is not asked for before the node is adopted', () => {
    rmSync(join(directory, 'adoption'));
    write(configuration());
    expect(look()['dead_man']).toBe(true);
  });
});
