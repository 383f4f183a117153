/** Every rule of the lease, removed or weakened, and every criterion of a failover: what the simulation must notice. */
import { CRITERIA, type CriterionCode } from '../../src/core/guard/criterion.ts';
import { CAUGHT_BY, UNSEEN } from './caught-by.ts';

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
        replace: 'return begun.holder !== self &&',
        by: 'return begun.holder === self && begun.holder !== self &&',
      },
      { file: 'lease/raise.ts', replace: 'lease?.holder === self || !sameLease(lease, begun);', by: 'true;' },
    ],
  },
  {
    name: 'a holder that was never promoted proves no more than its own end',
    edits: [
      {
        file: 'guard/choose-successor.ts',
        replace: 'return debt.value === null || (lsn !== null && parseLsn(lsn) >= debt.value);',
        by: 'return true;',
      },
      {
        file: 'guard/debt.ts',
        replace: 'if (owed === null || own.timeline > owed.timeline) return own;',
        by: 'if (owed === null || owed !== null) return own;',
      },
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

export const MUTATIONS: readonly Mutation[] = [...RULES, ...CRITERIA.map(unasked)].map((it) => ({
  ...it,
  seeds: CAUGHT_BY[it.name] ?? [],
  unseen: UNSEEN[it.name] ?? null,
}));
