/**
 * Kills the way from a fenced node to a following one at random moments: `npm run bench -- rejoin-kills [ROUNDS]`, 50 without a number.
 * Every second round is killed twice. Prints a line for each round, and ends with exit code 1 where anything is lost or does not end.
 */
import { spawnSync } from 'node:child_process';
import { survive, type RoundResult } from '../support/kill-moments.ts';
import { createPlayground, sql } from '../support/postgres-cluster.ts';

const rounds = Number(process.argv[2] ?? 50);
// A network namespace of its own begins with nothing up.
spawnSync('sh', ['-c', 'ip link set lo up']);
const playground = await createPlayground();
const results: RoundResult[] = [];
try {
  const one = await playground.createPrimary('pg1');
  await sql(one, 'create table item (id serial primary key, text text)');
  const two = await playground.createStandby('pg2', one);
  const pair = { directory: playground.directory, one, two };
  const whole = await survive(pair, { name: 'whole', kills: [] });
  report('whole', whole, []);
  for (let number = 1; number <= rounds; number += 1) {
    const moments = Array.from({ length: number % 2 === 0 ? 2 : 1 }, () =>
      Math.round(Math.random() * whole.millis * 1.1),
    );
    const result = await survive(pair, { name: `k-${number}`, kills: moments });
    report(`k-${number}`, result, moments);
    results.push(result);
  }
} finally {
  await playground.remove();
}
const ways = Map.groupBy(results, (it) => it.how);
const kills = results.reduce((sum, it) => sum + it.killed, 0);
const faulty = results.filter((it) => it.faults.length > 0).length;
const ended = [...ways].map(([how, of]) => `${of.length} by ${how}`).join(', ');
process.stdout.write(`${results.length} rounds, ${kills} kills, ${faulty} with a fault; ended: ${ended}\n`);
process.exitCode = faulty === 0 && results.length === rounds ? 0 : 1;

function report(
  name: string,
  { killed, how, millis, diedAt, faults }: RoundResult,
  moments: readonly number[],
): void {
  const died = diedAt.map((at, index) => `${moments[index] ?? 0} ms: ${at}`).join('; ');
  const text = faults.length === 0 ? 'nothing lost' : faults.join('; ');
  process.stdout.write(
    `${name}: killed ${killed} (${died}), then ${how} in ${Math.round(millis)} ms: ${text}\n`,
  );
}
