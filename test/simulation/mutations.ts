/** Every rule of the lease, removed or weakened: what the simulation must notice. */

export interface Edit {
  readonly file: string;
  readonly replace: string;
  readonly by: string;
}

export interface Mutation {
  readonly name: string;
  /** In src/core/lease: a text that stands exactly once in its file, and what takes its place. */
  readonly edits: readonly Edit[];
  /** Seeds of which one is known to catch it: tried first. */
  readonly seeds: readonly number[];
  /** Why no seed catches it; null = one does. */
  readonly unseen: string | null;
}

type Rule = Omit<Mutation, 'seeds' | 'unseen'>;

function one(name: string, file: string, replace: string, by = ''): Rule {
  return { name, edits: [{ file, replace, by }] };
}

const SUM = 'leaseSeconds * (1 + clockDriftPercent / 100) + deadManSeconds + killSeconds + marginSeconds;';

function halved(term: string, replace: string, by: string): Rule {
  return one(`the inequality takes half of the ${term}`, 'inequality.ts', SUM, SUM.replace(replace, by));
}

const RULES: readonly Rule[] = [
  one(
    'a voter does not wait',
    'voter.ts',
    "if (now < readyAt(config, state, request.from)) return refuse('wait');",
  ),
  one(
    'a voter that was restarted does not wait',
    'voter.ts',
    '(heardAt ?? startedAt) +',
    '(heardAt ?? Number.NEGATIVE_INFINITY) +',
  ),
  one(
    'a voter waits from the grant, not from the last renewal',
    'voter.ts',
    'heardAt: now },',
    'heardAt: state.heardAt ?? now },',
  ),
  one(
    'a voter does not remember the longest wait it ever promised',
    'voter.ts',
    'Math.max(config.waitMs, memory.longestWaitMs);',
    'config.waitMs;',
  ),
  one(
    'a candidate counts itself without a wait',
    'voter.ts',
    'if (memory.transferredTo === candidate ||',
    'if (candidate === config.self || memory.transferredTo === candidate ||',
  ),
  one('a vote is not made durable', 'ballot.ts', 'return voter.memory;', 'return null;'),
  one(
    'less than half of the voters are a majority',
    'lease.ts',
    'return Math.floor(voters.length / 2) + 1;',
    'return Math.max(1, Math.floor(voters.length / 2));',
  ),
  one(
    'less than half of the voters keep a lease alive',
    'lease.ts',
    'toContinue: voters.length === 2 ? 1 : majority',
    'toContinue: Math.max(1, majority - 1)',
  ),
  {
    name: 'two voters elect as many do, and the holder goes on alone',
    edits: [
      { file: 'lease.ts', replace: 'toBegin: majority,', by: 'toBegin: voters.length === 2 ? 1 : majority,' },
      {
        file: 'voter.ts',
        replace: 'if (config.voters.length === 2) return Number.POSITIVE_INFINITY;',
        by: '',
      },
    ],
  },
  one(
    'an acknowledgement counts from when it came',
    'lease-node.ts',
    "if (verdict === 'granted') this.#consent(sent, view);",
    "if (verdict === 'granted') this.#consent({ ...sent, at: now }, view);",
  ),
  one(
    'a lease that ran out is renewed',
    'holder.ts',
    'return entitledUntil(counting, state, now) === null ? IDLE : withPauseAt(state, now);',
    'return withPauseAt(state, now);',
  ),
  one(
    'an epoch that was given away is renewed',
    'voter.ts',
    "return memory.transferredTo === null ? null : 'transferred';",
    'return null;',
  ),
  one('an epoch is granted twice', 'voter.ts', "if (!sameLease(memory.lease, lease)) return 'other-lease';"),
  one(
    'an old epoch is granted',
    'voter.ts',
    "if (lease.epoch < memory.lease.epoch) return 'old-epoch';",
    'if (lease.epoch < memory.lease.epoch) return null;',
  ),
  one(
    'a voter without memory grants whatever is asked',
    'voter.ts',
    "if (!request.adoption) return refuse('no-memory');",
  ),
  one(
    'nobody compares the configuration',
    'voter.ts',
    "if (!agreed && !isLastHolder(memory, request.from)) return refuse('configuration-differs');",
  ),
  one(
    'changed voters are counted by the new set alone',
    'change-of-voters.ts',
    'return isLastHolder(memory, self) && !sameSet(memory.voters, voters);',
    'return false;',
  ),
  one(
    'a vote lost in vain is never won back',
    'holder.ts',
    "return verdict === 'old-epoch' || verdict === 'other-lease';",
    'return false;',
  ),
  halved('lease', 'leaseSeconds *', '(leaseSeconds / 2) *'),
  halved('dead-man', 'deadManSeconds', 'deadManSeconds / 2'),
  halved('kill', 'killSeconds', 'killSeconds / 2'),
  halved('margin', 'marginSeconds', 'marginSeconds / 2'),
  halved('drift', 'clockDriftPercent / 100', 'clockDriftPercent / 200'),
];

/** By name: what caught it when it was last looked for (`node test/simulation/find-mutations.ts`). */
const CAUGHT_BY: Readonly<Record<string, readonly number[]>> = {
  'a voter does not wait': [1],
  'a voter that was restarted does not wait': [966],
  'a voter waits from the grant, not from the last renewal': [2],
  'a voter does not remember the longest wait it ever promised': [46],
  'a candidate counts itself without a wait': [40],
  'a vote is not made durable': [2],
  'less than half of the voters are a majority': [1],
  'less than half of the voters keep a lease alive': [1],
  'two voters elect as many do, and the holder goes on alone': [7],
  'an acknowledgement counts from when it came': [52],
  'a lease that ran out is renewed': [1],
  'an epoch that was given away is renewed': [10],
  'an epoch is granted twice': [4],
  'an old epoch is granted': [1],
  'a vote lost in vain is never won back': [11],
  'the inequality takes half of the lease': [1],
  'the inequality takes half of the dead-man': [-21],
  'the inequality takes half of the kill': [-97],
  'the inequality takes half of the margin': [-32],
  'the inequality takes half of the drift': [-127],
};

/** By name: why no seed was found, and what holds the rule. */
const UNSEEN: Readonly<Record<string, string>> = {
  'a voter without memory grants whatever is asked':
    'no seed up to 1200: the holder teaches a new disk within 250 ms, in which a parted candidate would have to claim; test/unit/core/lease/lease-node.test.ts',
  'nobody compares the configuration':
    'no seed up to 1500: voters would have to part while their number is reduced; test/unit/core/lease/change-of-voters.test.ts',
  'changed voters are counted by the new set alone':
    'no seed up to 1500: the same; test/unit/core/lease/change-of-voters.test.ts',
};

export const MUTATIONS: readonly Mutation[] = RULES.map((it) => ({
  ...it,
  seeds: CAUGHT_BY[it.name] ?? [],
  unseen: UNSEEN[it.name] ?? null,
}));
