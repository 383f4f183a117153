/** Programs started by the bootstrap hand on how they ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChild } from '../../../src/bootstrap/child.js';

const child = join(import.meta.dirname, '../../../src/bootstrap/child.js');

describe('a child', () => {
  it('hands on its exit code and what it printed', async () => {
    expect(await runChild('sh', ['-c', 'echo out; echo err >&2; exit 7'], { keep: 'both' })).toEqual({
      exitCode: 7,
      output: expect.stringMatching(/out\n/),
    });
  });

  it('that was ended by a signal has 128 and its number', async () => {
    expect((await runChild('sh', ['-c', 'kill -TERM $$'], { keep: 'both' })).exitCode).toBe(143);
  });

  it('that cannot be started has 127 and a reason', async () => {
    const end = await runChild('primacy-no-such-program', [], { keep: 'both' });
    expect(end.exitCode).toBe(127);
    expect(end.output).toContain('cannot start primacy-no-such-program');
  });

  it('gets the signal that was sent to us, and its end is still reported', async () => {
    const script = `
      const { runChild } = await import(${JSON.stringify(child)});
      const end = await runChild('sh', ['-c', 'trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done']);
      process.exitCode = end.exitCode;`;
    const ours = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(ours.stdout, 'data');
    ours.kill('SIGTERM');
    const [exitCode] = await once(ours, 'close');
    expect(exitCode).toBe(5);
  });
});
