/**
 * Goal: overrides, however many people give them in however many partitions, never leave two holders behind, nor a voter that broke its
 * word. Method: real machines under arbitrary cuts, restarts, claims and overrides; then the network heals.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { configFor, LeaseCluster } from '../../../support/lease-cluster.ts';

const OVERRIDE_MS = 20_000;

const anyStep = fc.record({
  kind: fc.constantFrom('pass', 'pass', 'cut', 'heal', 'override', 'override', 'claim', 'restart', 'abandon'),
  node: fc.nat(),
  milliseconds: fc.integer({ min: 1, max: 4_000 }),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

class Watched extends LeaseCluster {
  readonly broken: string[] = [];
  readonly voters: readonly NodeName[];

  constructor(voters: readonly NodeName[]) {
    super(voters);
    this.voters = voters;
    const [first] = voters;
    if (first !== undefined) this.claim(first, 1_000, true);
  }

  take({ kind, node, milliseconds }: Step): void {
    const name = this.voters[node % this.voters.length] as NodeName;
    const machine = this.node(name);
    const before = this.disks.get(name)?.lease ?? null;
    switch (kind) {
      case 'pass':
        return this.pass(milliseconds);
      case 'cut':
        this.cutOff.add(name);
        return;
      case 'heal':
        this.cutOff.delete(name);
        return;
      case 'override':
        this.do(name, machine.override(this.now + OVERRIDE_MS, this.now));
        break;
      case 'claim':
        this.do(name, machine.claim(this.now, 500));
        break;
      case 'restart':
        this.start(name, configFor(name, this.voters));
        break;
      case 'abandon':
        machine.abandon();
    }
    const after = this.disks.get(name)?.lease ?? null;
    const [was, is] = [before?.epoch ?? 0, after?.epoch ?? 0];
    if (is < was || (is === was && before?.uuid !== after?.uuid))
      this.broken.push(`${name}: ${was} to ${is}`);
  }

  holders(): readonly NodeName[] {
    return this.voters.filter((name) => this.isEntitled(name));
  }
}

test.each([2, 3, 5])('of %i voters at most one is entitled once all hear one another again', (voters) => {
  const names = Array.from({ length: voters }, (_, index) => `n${index}` as NodeName);
  let forced = 0;
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 10, maxLength: 60 }), (steps) => {
      const cluster = new Watched(names);
      for (const it of steps) cluster.take(it);
      if (cluster.holders().length > 1) forced += 1;
      cluster.cutOff.clear();
      // A lease that nobody renews any more, and a few rounds to agree in.
      cluster.pass(4_000);
      expect(cluster.holders().length).toBeLessThanOrEqual(1);
      cluster.pass(OVERRIDE_MS);
      expect(cluster.holders().length).toBeLessThanOrEqual(1);
      expect(cluster.broken).toEqual([]);
    }),
    { numRuns: 200 },
  );
  // It would prove nothing if two had never held at once before.
  expect(forced).toBeGreaterThan(5);
});
