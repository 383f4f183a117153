/** Every rule of the lease, removed or weakened: what the simulation must notice. */

export interface Mutation {
  readonly name: string;
  /** In src/core/lease. */
  readonly file: string;
  /** A text that stands exactly once in the file. */
  readonly replace: string;
  readonly by: string;
  /** Seeds of which one is known to catch it: tried first. */
  readonly seeds: readonly number[];
}

const WAIT = "if (now < readyAt(config, state, request.from)) return refuse('wait');";
const SUM = 'leaseSeconds * (1 + clockDriftPercent / 100) + deadManSeconds + killSeconds + marginSeconds;';

function halved(name: string, by: string): Omit<Mutation, 'seeds'> {
  return { name: `the inequality takes half of the ${name}`, file: 'inequality.ts', replace: SUM, by };
}

const RULES: readonly Omit<Mutation, 'seeds'>[] = [
  { name: 'a voter does not wait', file: 'voter.ts', replace: WAIT, by: '' },
  {
    name: 'a voter that was restarted does not wait',
    file: 'voter.ts',
    replace: '(heardAt ?? startedAt) +',
    by: '(heardAt ?? Number.NEGATIVE_INFINITY) +',
  },
  {
    name: 'a voter waits from the grant, not from the last renewal',
    file: 'voter.ts',
    replace: 'heardAt: now },',
    by: 'heardAt: state.heardAt ?? now },',
  },
  {
    name: 'a voter does not remember the longest wait it ever promised',
    file: 'voter.ts',
    replace: 'Math.max(config.waitMs, memory.longestWaitMs);',
    by: 'config.waitMs;',
  },
  {
    name: 'a candidate counts itself without a wait',
    file: 'voter.ts',
    replace: 'if (memory.transferredTo === candidate ||',
    by: 'if (candidate === config.self || memory.transferredTo === candidate ||',
  },
  {
    name: 'a vote is not made durable',
    file: 'ballot.ts',
    replace: 'return voter.memory;',
    by: 'return null;',
  },
  {
    name: 'less than half of the voters are a majority',
    file: 'lease.ts',
    replace: 'return Math.floor(voters.length / 2) + 1;',
    by: 'return Math.max(1, Math.floor(voters.length / 2));',
  },
  {
    name: 'less than half of the voters keep a lease alive',
    file: 'lease.ts',
    replace: 'toContinue: voters.length === 2 ? 1 : majority',
    by: 'toContinue: majority - 1',
  },
  {
    name: 'one of two voters begins alone',
    file: 'lease.ts',
    replace: 'toBegin: majority,',
    by: 'toBegin: voters.length === 2 ? 1 : majority,',
  },
  {
    name: 'an acknowledgement counts from when it came',
    file: 'lease-node.ts',
    replace: "if (verdict === 'granted') this.#consent(sent);",
    by: "if (verdict === 'granted') this.#consent({ ...sent, at: now });",
  },
  {
    name: 'a lease that ran out is renewed',
    file: 'holder.ts',
    replace: 'return entitledUntil(counting, state, now) === null ? IDLE : state;',
    by: 'return state;',
  },
  {
    name: 'an epoch that was given away is renewed',
    file: 'voter.ts',
    replace: "return memory.transferredTo === null ? null : 'transferred';",
    by: 'return null;',
  },
  {
    name: 'an epoch is granted twice',
    file: 'voter.ts',
    replace: "if (!sameLease(memory.lease, lease)) return 'other-lease';",
    by: '',
  },
  {
    name: 'an old epoch is granted',
    file: 'voter.ts',
    replace: "if (lease.epoch < memory.lease.epoch) return 'old-epoch';",
    by: 'if (lease.epoch < memory.lease.epoch) return null;',
  },
  {
    name: 'a voter without memory grants whatever is asked',
    file: 'voter.ts',
    replace: "if (!request.adoption) return refuse('no-memory');",
    by: '',
  },
  {
    name: 'nobody compares the configuration',
    file: 'voter.ts',
    replace: "if (!agreed && !isLastHolder(memory, request.from)) return refuse('configuration-differs');",
    by: '',
  },
  {
    name: 'changed voters are counted by the new set alone',
    file: 'change-of-voters.ts',
    replace: 'return isLastHolder(memory, self) && !sameSet(memory.voters, voters);',
    by: 'return false;',
  },
  {
    name: 'a vote lost in vain is never won back',
    file: 'holder.ts',
    replace: "return verdict === 'old-epoch' || verdict === 'other-lease';",
    by: 'return false;',
  },
  halved('lease', SUM.replace('leaseSeconds *', '(leaseSeconds / 2) *')),
  halved('dead-man', SUM.replace('deadManSeconds', 'deadManSeconds / 2')),
  halved('kill', SUM.replace('killSeconds', 'killSeconds / 2')),
  halved('margin', SUM.replace('marginSeconds', 'marginSeconds / 2')),
  halved('drift', SUM.replace('clockDriftPercent / 100', 'clockDriftPercent / 200')),
];

/** By name: what caught it when it was last looked for (`node test/simulation/find-mutations.ts`). */
const CAUGHT_BY: Readonly<Record<string, readonly number[]>> = {
  'a voter does not wait': [1],
  'a voter that was restarted does not wait': [17],
  'a voter waits from the grant, not from the last renewal': [1],
  'a candidate counts itself without a wait': [13],
  'a vote is not made durable': [2],
  'less than half of the voters are a majority': [1],
  'less than half of the voters keep a lease alive': [3],
  'an acknowledgement counts from when it came': [69],
  'a lease that ran out is renewed': [1],
  'an epoch that was given away is renewed': [5],
  'an epoch is granted twice': [5],
  'an old epoch is granted': [2],
  'a voter without memory grants whatever is asked': [108],
};

export const MUTATIONS: readonly Mutation[] = RULES.map((it) => ({ ...it, seeds: CAUGHT_BY[it.name] ?? [] }));
