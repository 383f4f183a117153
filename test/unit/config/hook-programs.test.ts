/** Goal: a hook that this host cannot run is told with its place, and one that it can is not. Method: real files of each kind. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hookWarnings } from '../../../src/config/hook-programs.ts';
import { findNode, parseConfig } from '../../../src/config/load.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'primacy-hooks-'));
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'plain'), '');
  writeFileSync(join(folder, 'good'), '#!/bin/sh\n');
  chmodSync(join(folder, 'plain'), 0o644);
  chmodSync(join(folder, 'good'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

function warnings(hooks: readonly string[]): Promise<readonly string[]> {
  const text = [
    'clusters:',
    '  - name: orders',
    '    vip: 192.0.2.100/24',
    '    interface: eth0',
    '    vrid: 51',
    '    nodes: [{ name: pg1, addresses: [192.0.2.11] }]',
    ...(hooks.length === 0 ? [] : ['    hooks:']),
    ...hooks.map((line) => `      ${line}`),
  ].join('\n');
  const config = parseConfig(text, 'primacy.yml');
  return hookWarnings(config, findNode(config, 'pg1').cluster);
}

it('no hook is no warning, and neither is one that can be run', async () => {
  expect(await warnings([])).toEqual([]);
  expect(await warnings([`promoted: [${folder}/good, x]`, 'fenced: []'])).toEqual([]);
});

it('each program that cannot be run is told with its place', async () => {
  const hooks = [
    `fenced: [${folder}/plain]`,
    `promoted: [${folder}/none]`,
    `rejoined: [${folder}/folder]`,
    `switchedOver: [${folder}/good]`,
  ];
  const at = (place: string, event: string, what: string): string =>
    `primacy.yml:${place}: clusters[0].hooks.${event}[0]: cannot run ${folder}/${what}`;
  expect(await warnings(hooks)).toEqual([
    `${at('9:18', 'promoted', 'none')}: it does not exist`,
    `${at('8:16', 'fenced', 'plain')}: it is not executable`,
    `${at('10:18', 'rejoined', 'folder')}: it is not a file`,
  ]);
});
