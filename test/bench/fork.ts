/**
 * A fork under load, and its bundle held against a full dump of the loser: `npm run bench -- fork [--seconds 60] [--scale 5]
 * [--untouched-mb 1024] [--json]`. Ends with exit code 1 where any difference is neither in the bundle nor named.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { forkUnderLoad } from '../support/fork-load/fork-under-load.ts';
import { forkTable } from '../support/fork-load/fork-table.ts';
import { createPlayground } from '../support/postgres-cluster.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    scale: { type: 'string', default: '5' },
    'untouched-mb': { type: 'string', default: '1024' },
    json: { type: 'boolean', default: false },
  },
});
// A network namespace of its own begins with nothing up.
spawnSync('sh', ['-c', 'ip link set lo up']);
const playground = await createPlayground();
try {
  const result = await forkUnderLoad(playground, {
    seconds: Number(options.seconds),
    scale: Number(options.scale),
    untouchedMegabytes: Number(options['untouched-mb']),
    say: (text) => process.stderr.write(`${new Date().toISOString()} ${text}\n`),
  });
  const { faults } = result.judgement;
  process.stdout.write(
    options.json
      ? `${JSON.stringify(result, (_, it: unknown) => (typeof it === 'bigint' ? String(it) : it), 2)}\n`
      : forkTable(result),
  );
  process.exitCode = faults.length === 0 && result.untouchedReadBytes === 0 ? 0 : 1;
} finally {
  await playground.remove();
}
