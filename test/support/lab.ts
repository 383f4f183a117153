/** What lab tests share: a lab that is always taken down, a command inside a host, and looking until something is so. */
import { labDown } from '../../src/lab/down.ts';
import { poweredInit, runnerInside } from '../../src/lab/hosts/enter.ts';
import { pollUntil, systemClock } from '../../src/world/clock.ts';
import { DEFAULT_OPTIONS, type LabOptions } from '../../src/lab/up/building.ts';
import { labUp } from '../../src/lab/up/up.ts';
import { productLab, type LabState, type ProductLab } from '../../src/lab/state.ts';
import type { CommandResult } from '../../src/world/remote/runner.ts';

/** Builds a lab for a test file, after removing what a killed run left; options it does not name are those of `primacy lab up`. */
export async function startLab(
  name: string,
  options: Partial<Omit<LabOptions, 'agent' | 'name'>> = {},
): Promise<ProductLab> {
  return productLab(await buildLab({ ...DEFAULT_OPTIONS, ...options, name }));
}

/** The same with the article's scripts instead of Primacy. */
export async function startLabWithoutAgent(name: string, jitterMs = 0): Promise<LabState> {
  return buildLab({ ...DEFAULT_OPTIONS, agent: false, jitterMs, name });
}

async function buildLab(options: LabOptions): Promise<LabState> {
  await labDown(options.name);
  return labUp(options, () => undefined);
}

/** Runs a shell line inside a host, as root. */
export async function sh(lab: string, host: string, line: string): Promise<CommandResult> {
  return runnerInside(await poweredInit(lab, host)).run({
    program: 'sh',
    arguments: ['-c', line],
    timeoutMs: 30_000,
  });
}

/** Standard output of a shell line that has to succeed. */
export async function output(lab: string, host: string, line: string): Promise<string> {
  const result = await sh(lab, host, line);
  if (result.kind !== 'done') throw new Error(`${host}: ${line}: ${result.kind} ${result.stderr}`);
  return result.stdout.trim();
}

/** Waits until `look` is true. Throws with `what` after the limit: a test that waits in vain has failed. */
export async function eventually(
  what: string,
  look: () => Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const seen = await pollUntil(systemClock, limitMs, 100, async () => ((await look()) ? true : undefined));
  if (seen === undefined) throw new Error(`not seen within ${limitMs} ms: ${what}`);
}
