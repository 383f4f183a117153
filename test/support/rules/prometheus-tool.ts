/** Runs promtool and amtool for tests; a machine without them fails the test with a sentence, and never skips it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunner } from '../../../src/world/remote/local-runner.ts';
import { describeResult } from '../../../src/world/remote/runner.ts';

const PACKAGES = { promtool: 'prometheus', amtool: 'prometheus-alertmanager' } as const;
const TIMEOUT_MS = 20_000;

/** Runs the tool and gives its whole output. Throws with the tool's own words unless it ends with 0. */
export async function runTool(
  tool: keyof typeof PACKAGES,
  toolArguments: readonly string[],
  workingDirectory: string,
): Promise<string> {
  const command = { program: tool, arguments: toolArguments, timeoutMs: TIMEOUT_MS, workingDirectory };
  const result = await localRunner.run(command);
  if (result.kind === 'failed' && result.exitCode === 127) {
    throw new Error(`cannot run ${tool}: install the Debian package ${PACKAGES[tool]}`);
  }
  if (result.kind !== 'done') throw new Error(`${describeResult(command, result)}\n${result.stdout}`);
  return result.stdout + result.stderr;
}

/** Runs the tool on a text, as a file of that name in a directory of its own that is removed afterwards. */
export async function runToolOnText(
  tool: keyof typeof PACKAGES,
  toolArguments: readonly string[],
  fileName: string,
  text: string,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'primacy-rules-'));
  try {
    await writeFile(join(directory, fileName), text);
    return await runTool(tool, [...toolArguments, fileName], directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
