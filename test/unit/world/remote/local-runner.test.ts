/** Real programs, with every way to end: done, failed, unknown; and arguments that stay arguments. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runLocally } from '../../../../src/world/remote/local-runner.ts';
import { describeResult, type Command } from '../../../../src/world/remote/runner.ts';

const sh = (script: string, more: Partial<Command> = {}): Command => ({
  program: 'sh',
  arguments: ['-c', script],
  timeoutMs: 4_000,
  ...more,
});

describe('a program', () => {
  it('that ends with 0 is done, its outputs apart', async () => {
    expect(await runLocally(sh('echo out; echo err >&2'))).toEqual({
      kind: 'done',
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('that ends with another code failed', async () => {
    expect(await runLocally(sh('echo no >&2; exit 3'))).toEqual({
      kind: 'failed',
      exitCode: 3,
      stdout: '',
      stderr: 'no\n',
    });
  });

  it('that does not exist failed with 127, as in a shell', async () => {
    const result = await runLocally({ program: 'primacy-no-such-program', arguments: [], timeoutMs: 1_000 });
    expect(result).toMatchObject({ kind: 'failed', exitCode: 127 });
  });

  it('that was ended by a signal has an unknown result', async () => {
    expect(await runLocally(sh('kill -KILL $$'))).toMatchObject({
      kind: 'unknown',
      reason: 'ended by SIGKILL',
    });
  });

  it('that takes too long is killed with its children, and what it said is kept', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'primacy-runner-'));
    const fifo = join(folder, 'fifo');
    // The child would hold the pipe open for an hour; that we return at all shows that it was killed too.
    const result = await runLocally(
      sh(`echo begun; mkfifo ${fifo}; sleep 3600 & wait`, { timeoutMs: 2_000 }),
    );
    expect(result).toMatchObject({
      kind: 'unknown',
      reason: 'no end within 2000 ms, killed',
      stdout: 'begun\n',
    });
    expect(existsSync(fifo)).toBe(true);
    rmSync(folder, { recursive: true });
  });

  it('that prints without end is stopped', async () => {
    const result = await runLocally(sh('yes'));
    expect(result).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('bytes of output, killed'),
    });
  });

  it('whose end alone is wanted keeps no more of what it said', async () => {
    const script = 'i=0; while [ $i -lt 3000 ]; do echo "ä line $i"; i=$((i+1)); done; echo last';
    const { stdout } = await runLocally(sh(script, { outputTailBytes: 40 }));
    expect(stdout).toMatch(/ä line 2999\nlast\n$/);
    expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(40);
    expect(stdout).not.toContain('\uFFFD');
  });

  it('is killed with its children when nobody wants it any more', async () => {
    const controller = new AbortController();
    const running = runLocally(sh('echo begun; sleep 3600 & wait', { signal: controller.signal }));
    setTimeout(() => controller.abort(), 300);
    expect(await running).toMatchObject({ kind: 'unknown', reason: 'not wanted any more, killed' });
  });

  it('is not waited for where something that left its group still holds its output', async () => {
    const begun = performance.now();
    const result = await runLocally(sh('setsid sleep 8 & echo $!; wait', { timeoutMs: 300 }));
    expect(result).toMatchObject({ kind: 'unknown', timedOut: true });
    expect(performance.now() - begun).toBeLessThan(4_000);
    process.kill(Number(result.stdout), 'SIGKILL');
  });

  it('gets its arguments untouched by any shell', async () => {
    const nasty = ['$(id)', '; rm -rf x', '"', "'", '', '*', '--help', 'a\nb'];
    const result = await runLocally({ program: 'printf', arguments: ['<%s>', ...nasty], timeoutMs: 1_000 });
    expect(result.stdout).toBe(nasty.map((argument) => `<${argument}>`).join(''));
  });

  it('reads its input, and may end without reading it', async () => {
    expect((await runLocally(sh('cat', { input: 'given' }))).stdout).toBe('given');
    expect((await runLocally(sh('true', { input: 'x'.repeat(1_000_000) }))).kind).toBe('done');
  });

  it('sees the environment that it was given and not ours', async () => {
    process.env['PRIMACY_TEST_SECRET'] = 'ours';
    const result = await runLocally(
      sh('echo "$GIVEN-$PRIMACY_TEST_SECRET"; pwd', { environment: { GIVEN: 'yes' } }),
    );
    delete process.env['PRIMACY_TEST_SECRET'];
    expect(result.stdout).toBe('yes-\n/\n');
  });
});

describe('one sentence about a command', () => {
  const command = sh('x');
  it.each([
    [{ kind: 'done', stdout: '', stderr: '' }, 'sh -c x: done'],
    [{ kind: 'failed', exitCode: 2, stdout: 'out', stderr: '' }, 'sh -c x: exit 2: out'],
    [{ kind: 'failed', exitCode: 2, stdout: 'out', stderr: 'err\n' }, 'sh -c x: exit 2: err'],
    [{ kind: 'unknown', reason: 'connection lost', stdout: '', stderr: '' }, 'sh -c x: connection lost'],
  ] as const)('says how it ended: %j', (result, sentence) => {
    expect(describeResult(command, result)).toBe(sentence);
  });
});
