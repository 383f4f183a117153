/** Which parts of core/lease and core/guard the simulation has run, as V8 counts them: no list that somebody must keep. */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

const WATCHED = /\/src\/core\/(lease|guard)\/[^/]+\.ts$/;

export interface Coverage {
  /** `file:line text` of each block that was never run. To be asked once: V8 then counts from nothing again. */
  readonly uncovered: () => Promise<readonly string[]>;
}

/** Begins to count, in this thread. */
export async function watchCoverage(): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return {
    uncovered: async () => {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      session.disconnect();
      return result
        .filter(({ url }) => WATCHED.test(url))
        .flatMap(({ url, functions }) => {
          const blocks = functions.flatMap(({ ranges }) => ranges.filter((it) => it.count === 0));
          return describe(
            url,
            blocks.map((it) => it.startOffset),
          );
        });
    },
  };
}

/** Types are blanked out where TypeScript is run as it is, so that places in the program are places in the file. */
function describe(url: string, offsets: readonly number[]): readonly string[] {
  const text = readFileSync(fileURLToPath(url), 'utf8');
  const all = text.split('\n');
  const file = url.slice(url.indexOf('/src/core/') + 1);
  const lines = offsets.map((offset) => text.slice(0, offset).split('\n').length);
  return [...new Set(lines)]
    .toSorted((a, b) => a - b)
    .map((line) => `${file}:${line} ${(all[line - 1] ?? '').trim().slice(0, 90)}`);
}
