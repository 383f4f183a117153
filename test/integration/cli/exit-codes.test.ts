/** The real executable ends with the codes of the README and says in one place what is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult } from '../../../src/world/remote/runner.ts';
import { runLocally } from '../../../src/world/remote/local-runner.ts';

const executable = join(import.meta.dirname, '../../../src/cli/primacy.js');
let folder = '';
let file = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'primacy-cli-'));
  file = join(folder, 'primacy.yml');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function primacy(...words: readonly string[]): Promise<CommandResult> {
  return runLocally({ program: process.execPath, arguments: [executable, ...words], timeoutMs: 30_000 });
}

const CLUSTER = `clusters:
  - { name: a, vip: 192.0.2.1/24, interface: eth0, vrid: 1, nodes: [{ name: pg1, addresses: [192.0.2.2] }] }
`;

describe('the executable', () => {
  it.each([[['--help']], [['lab', '--help']], [['config', '--help']]])(
    'ends with 0 after %j',
    async (words) => {
      const result = await primacy(...words);
      expect(result).toMatchObject({ kind: 'done', stderr: '' });
      expect(result.stdout).toContain('Usage: primacy');
    },
  );

  it.each([
    ['an unknown command', ['promise']],
    ['an unknown option', ['config', 'keepalived', '--nod', 'pg1']],
    ['a missing argument', ['config']],
    ['an argument that is none of the choices', ['config', 'apache']],
    ['a stop in a mode that is none', ['stop', '--mode', 'smart']],
    ['a stop within no time', ['stop', '--timeout', '0']],
    ['a pause for longer than a day', ['pause', '--for', '25h', '--reason', 'kernel update']],
    ['a pause for a time that is none', ['pause', '--for', 'soon', '--reason', 'kernel update']],
    ['an override for no time', ['start', '--force-primary', '--for', '59']],
  ])('ends with 64 after %s', async (_what, words) => {
    const result = await primacy(...words);
    expect(result).toMatchObject({ kind: 'failed', exitCode: 64, stdout: '' });
    expect(result.stderr).toMatch(/^error: /);
  });

  it.each([
    ['an override that nobody confirms', ['--force-primary', '--reason', 'total loss'], 'needs --reason'],
    [
      'an override without a reason',
      ['--force-primary', '--confirm', '7', '--reason', ' '],
      'needs --reason',
    ],
    ['a reason for nothing', ['--reason', 'total loss'], 'belong to --force-primary'],
  ])('ends with 64 after %s', async (_what, words, complaint) => {
    const result = await primacy('start', ...words);
    expect(result).toMatchObject({ kind: 'failed', exitCode: 64, stdout: '' });
    expect(result.stderr).toMatch(/^primacy: cannot /);
    expect(result.stderr).toContain(complaint);
  });
});

describe('a wrong configuration', () => {
  it('ends with 78 and names every place', async () => {
    writeFileSync(file, CLUSTER.replace('vrid: 1', 'vrid: one, vird: 2'));
    const result = await primacy('config', 'keepalived', '--config', file, '--node', 'pg1');
    expect(result).toMatchObject({ kind: 'failed', exitCode: 78, stdout: '' });
    expect(result.stderr).toContain(`${file}:2:58: clusters[0].vrid: expected a number, found text "one"`);
    expect(result.stderr).toContain(`${file}:2:63: clusters[0].vird: expected a known key`);
  });

  it.each([
    ['config', ['config', 'keepalived', '--node', 'pg1']],
    ['agent', ['agent', '--node', 'pg1']],
    ['responder', ['responder']],
  ])('that is not there ends %s with 78', async (_command, words) => {
    const result = await primacy(...words, '--config', join(folder, 'absent.yml'));
    expect(result).toMatchObject({ kind: 'failed', exitCode: 78, stdout: '' });
    expect(result.stderr).toContain(`cannot read ${join(folder, 'absent.yml')}`);
  });

  it('that names a secret which cannot be read ends the responder with 78 at its line', async () => {
    const secrets = `responder:\n  secretFiles:\n    webhookToken: ${join(folder, 'absent-token')}\n`;
    writeFileSync(file, CLUSTER + secrets);
    const result = await primacy('responder', '--config', file);
    expect(result).toMatchObject({ kind: 'failed', exitCode: 78 });
    expect(result.stderr).toContain(
      `${file}:5:19: responder.secretFiles.webhookToken: expected a readable file`,
    );
  });

  it('that names a password file which cannot be read ends the agent with 78 at its line', async () => {
    const absent = join(folder, 'absent-password');
    writeFileSync(file, CLUSTER.replace('vrid: 1', `vrid: 1, postgres: { passwordFile: ${absent} }`));
    const result = await primacy('agent', '--config', file, '--node', 'pg1');
    expect(result).toMatchObject({ kind: 'failed', exitCode: 78 });
    expect(result.stderr).toContain(`${file}:2:`);
    expect(result.stderr).toContain('clusters[0].postgres.passwordFile: expected a readable file');
  });

  it('that names a cluster secret which cannot be read ends the agent of a witness with 78 at its line', async () => {
    const absent = join(folder, 'absent-secret');
    const withWitness = CLUSTER.replace('}] }', '}, { name: w, kind: witness, addresses: [192.0.2.3] }] }');
    writeFileSync(file, withWitness.replace('vrid: 1', `vrid: 1, agent: { secretFile: ${absent} }`));
    const result = await primacy('agent', '--config', file, '--node', 'w');
    expect(result).toMatchObject({ kind: 'failed', exitCode: 78 });
    expect(result.stderr).toContain('clusters[0].agent.secretFile: expected a readable file');
  });

  it('with two voters is used, and standard error says what that costs', async () => {
    writeFileSync(file, CLUSTER.replace('}] }', '}, { name: pg2, addresses: [192.0.2.3] }] }'));
    const result = await primacy('config', 'prometheus', '--config', file);
    expect(result).toMatchObject({ kind: 'done', stdout: expect.stringContaining('scrape_configs') });
    expect(result.stderr).toContain(`${file}:2:`);
    expect(result.stderr).toContain('two voters cannot outvote each other');
  });
});
