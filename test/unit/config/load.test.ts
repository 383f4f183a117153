/** A person who made a mistake in primacy.yml is told file, line, column, what was expected and what stands there. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findNode, loadConfig, parseConfig, whereIs } from '../../../src/config/load.ts';
import { vipAddress } from '../../../src/config/vip.ts';
import { PrimacyError } from '../../../src/core/model/primacy-error.ts';

const testdata = join(import.meta.dirname, 'testdata');
const samples = (kind: string) => readdirSync(join(testdata, kind)).map((name) => [name] as const);
const sample = (kind: string, name: string) => readFileSync(join(testdata, kind, name), 'utf8');

function problemsIn(text: string, file: string): string {
  try {
    parseConfig(text, file);
  } catch (error) {
    if (error instanceof PrimacyError && error.code === 'config-invalid') return error.message;
    throw error;
  }
  return '';
}

describe('a good configuration', () => {
  it.each(samples('good'))('%s is accepted', (name) => {
    expect(problemsIn(sample('good', name), name)).toBe('');
  });

  it('gets a default wherever one can be right', () => {
    const config = parseConfig(sample('good', 'minimal.yml'), 'minimal.yml');
    const { cluster, node } = findNode(config, 'pg2');
    expect(vipAddress(cluster)).toBe('192.0.2.100');
    expect(node).toEqual({
      name: 'pg2',
      kind: 'database',
      addresses: ['192.0.2.12'],
      priority: 100,
      ssh: { user: 'root', port: 22, hostKey: null },
    });
    expect(config.responder.policy).toBe('approve');
  });

  it('may repeat a part by a YAML anchor', () => {
    const config = parseConfig(sample('good', 'full.yml'), 'full.yml');
    expect(config.clusters.map((cluster) => cluster.timings.observeSeconds)).toEqual([8, 8]);
  });
});

describe('a bad configuration', () => {
  // Each file begins with the complaints that it must raise, so that sample and expectation are read together.
  it.each(samples('bad'))('%s is refused with its place', (name) => {
    const text = sample('bad', name);
    const expected = [...text.matchAll(/^# expect (.*)$/gm)].map((match) => `${name}:${match[1]}`);
    expect(expected).not.toEqual([]);
    expect(problemsIn(text, name).split('\n')).toEqual(expected);
  });

  it('that cannot be read is named', async () => {
    await expect(loadConfig('/nowhere/primacy.yml')).rejects.toThrow(
      /^cannot read \/nowhere\/primacy.yml: ENOENT/,
    );
  });
});

describe('looking something up', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'primacy-config-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('finds a place in the file that was loaded', async () => {
    const file = join(folder, 'primacy.yml');
    writeFileSync(file, sample('good', 'full.yml'));
    const config = await loadConfig(file);
    expect(whereIs(config, ['responder', 'policy'])).toBe(`${file}:44:11`);
  });

  it('names the nearest ancestor of what is not written down', async () => {
    const file = join(folder, 'primacy.yml');
    writeFileSync(file, sample('good', 'full.yml'));
    const config = await loadConfig(file);
    expect(whereIs(config, ['responder', 'secretFiles', 'webhookToken'])).toBe(`${file}:42:3`);
  });

  it('refuses a node that no cluster has', () => {
    const config = parseConfig(sample('good', 'minimal.yml'), 'minimal.yml');
    expect(() => findNode(config, 'pg9')).toThrow('cannot find node "pg9" in the configuration');
  });
});
