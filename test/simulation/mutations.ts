/** Every rule of the lease, removed or weakened, and every criterion of a failover: what the simulation must notice. */
import { CRITERIA, type CriterionCode } from '../../src/core/guard/criterion.ts';

export interface Edit {
  readonly file: string;
  readonly replace: string;
  readonly by: string;
}

export interface Mutation {
  readonly name: string;
  /** In src/core: a text that stands exactly once in its file, and what takes its place. */
  readonly edits: readonly Edit[];
  /** Seeds of which one is known to catch it: tried first. */
  readonly seeds: readonly number[];
  /** Why no seed catches it; null = one does. */
  readonly unseen: string | null;
}

export type Rule = Omit<Mutation, 'seeds' | 'unseen'>;

function one(name: string, file: string, replace: string, by = ''): Rule {
  return { name, edits: [{ file: `lease/${file}`, replace, by }] };
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
      {
        file: 'lease/lease.ts',
        replace: 'toBegin: majority,',
        by: 'toBegin: voters.length === 2 ? 1 : majority,',
      },
      {
        file: 'lease/voter.ts',
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
  {
    name: 'a lease that ran out is renewed',
    edits: [
      {
        file: 'lease/holder.ts',
        replace: 'return entitledUntil(counting, state, now) === null ? IDLE : withPauseAt(state, now);',
        by: 'return withPauseAt(state, now);',
      },
      {
        file: 'lease/holder.ts',
        replace: 'return entitledUntil(counting, state, now) === null ? IDLE : state;',
        by: 'return state;',
      },
    ],
  },
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
    'a voter without memory believes whoever renews',
    'ballot.ts',
    'if (refusal !== null) return { verdict: refusal, persist: null };',
  ),
  one(
    'a late word brings a former configuration back',
    'voter.ts',
    'return goesOn && (request.digest === digest || request.at < digestAt)',
    'return goesOn && request.digest === digest',
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
    'raise.ts',
    "const isOutbid = verdict === 'old-epoch' || verdict === 'other-lease';",
    'const isOutbid = false;',
  ),
  {
    name: 'a holder that wakes goes above the lease of its successor',
    edits: [
      {
        file: 'lease/raise.ts',
        replace: 'return begun && lease.holder',
        by: 'return !begun && begun && lease.holder',
      },
      { file: 'lease/raise.ts', replace: 'lease?.holder === self || !begun;', by: 'true;' },
    ],
  },
  halved('lease', 'leaseSeconds *', '(leaseSeconds / 2) *'),
  halved('dead-man', 'deadManSeconds', 'deadManSeconds / 2'),
  halved('kill', 'killSeconds', 'killSeconds / 2'),
  halved('margin', 'marginSeconds', 'marginSeconds / 2'),
  halved('drift', 'clockDriftPercent / 100', 'clockDriftPercent / 200'),
];

/** One criterion of F1 to F22 is not asked any more, on whatever way. */
function unasked(code: CriterionCode): Rule {
  return {
    name: `${code} is not asked`,
    edits: [
      {
        file: 'guard/decide-failover.ts',
        replace: '...JUDGES[code](snapshot)',
        by: `...(code === '${code}' ? { state: 'pass' as const, reason: 'not asked' } : JUDGES[code](snapshot))`,
      },
    ],
  };
}

/** By name: what caught it when it was last looked for (`node test/simulation/find-mutations.ts`). */
const CAUGHT_BY: Readonly<Record<string, readonly number[]>> = {
  'a voter does not wait': [-5],
  'a voter that was restarted does not wait': [-1036],
  'a voter waits from the grant, not from the last renewal': [1],
  'a voter does not remember the longest wait it ever promised': [-163],
  'a candidate counts itself without a wait': [54],
  'a voter without memory believes whoever renews': [3_042_397],
  'a vote is not made durable': [3],
  'less than half of the voters are a majority': [1],
  'less than half of the voters keep a lease alive': [1],
  'two voters elect as many do, and the holder goes on alone': [291],
  'an acknowledgement counts from when it came': [-116],
  'a lease that ran out is renewed': [2],
  'an epoch that was given away is renewed': [-1],
  'an epoch is granted twice': [-14],
  'an old epoch is granted': [-1],
  'a voter without memory grants whatever is asked': [101],
  'nobody compares the configuration': [51, 253],
  'changed voters are counted by the new set alone': [496],
  'a vote lost in vain is never won back': [54],
  'a holder that wakes goes above the lease of its successor': [3_321_090],
  'the inequality takes half of the lease': [1],
  'the inequality takes half of the dead-man': [-58],
  'the inequality takes half of the kill': [-285],
  'the inequality takes half of the margin': [-352],
  'the inequality takes half of the drift': [-52_016, -103_133],
  'not_paused is not asked': [-60],
  'cooldown is not asked': [-94],
  'local_standby_ok is not asked': [3],
  'same_system is not asked': [78],
  'timeline_current is not asked': [336],
  'loss_bound is not asked': [72],
  'own_network_ok is not asked': [-86],
  'witness_reachable is not asked': [29],
  'best_candidate is not asked': [-110],
  'vip_free is not asked': [77],
  'can_serve is not asked': [63],
  'keepalived_ready is not asked': [31],
};

const UNIT = 'test/unit/core/guard/decide-failover.test.ts';
const EXPLAINS = `it is decisive on no way in, and only explains: the voters’ wait stands for it; ${UNIT}`;

/** By name: why no seed was found, and what holds the rule. */
const UNSEEN: Readonly<Record<string, string>> = {
  'a late word brings a former configuration back':
    'seed 3148402 found it, one of 150,000, before voters wrote down the first renewal; test/unit/core/lease/change-of-voters.test.ts',
  'primary_sql_dead is not asked': EXPLAINS,
  'receiver_stopped is not asked': EXPLAINS,
  'heartbeat_stale is not asked': EXPLAINS,
  'witness_agrees is not asked': EXPLAINS,
  'old_primary_fenced is not asked': EXPLAINS,
  'local_clock_sane is not asked': `a criterion that only warns; ${UNIT}`,
  'primary_tcp_host is not asked': `whoever still accepts connections has the lease, or is ended before the voters grant the next: F15; ${UNIT}`,
  'majority is not asked': `a claim needs the grants of a majority, which nobody has who sees none: F15; ${UNIT}`,
  'exclusive_grant is not asked': `the duty asks for it once more, and a claim without grants makes nobody primary: core/lease; ${UNIT}`,
  'no_other_primary is not asked': `no voter grants a lease beside one that is held: F15; ${UNIT}`,
};

export const MUTATIONS: readonly Mutation[] = [...RULES, ...CRITERIA.map(unasked)].map((it) => ({
  ...it,
  seeds: CAUGHT_BY[it.name] ?? [],
  unseen: UNSEEN[it.name] ?? null,
}));
