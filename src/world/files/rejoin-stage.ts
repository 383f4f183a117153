/** Which phase a rejoin stands at, read from its manifest without the schema library, which the agent does not carry. */
import { known, unknown, type Known } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { readOptional } from './read-optional.ts';

export const REJOIN_PHASES = ['none', 'accounted', 'rewinding', 'rewound', 'started'] as const;

export interface RejoinStage {
  /** `none`: nothing is under way. */
  readonly phase: (typeof REJOIN_PHASES)[number];
  /** Milliseconds since 1970; null where nothing is under way. */
  readonly startedAt: number | null;
}

const NOTHING: RejoinStage = { phase: 'none', startedAt: null };

/** From its first irreversible step until it is verified. */
export async function readRejoinStage(manifestPath: string): Promise<Known<RejoinStage>> {
  try {
    const text = await readOptional(manifestPath);
    if (text === null) return known(NOTHING);
    const { phase, startedAt } = JSON.parse(text) as { readonly phase?: string; readonly startedAt?: number };
    if (phase === 'verified') return known(NOTHING);
    const current = REJOIN_PHASES.find((it) => it === phase);
    return current === undefined || typeof startedAt !== 'number'
      ? unknown(`cannot read ${manifestPath}: phase ${JSON.stringify(phase)}`)
      : known({ phase: current, startedAt });
  } catch (error) {
    return unknown(`cannot read ${manifestPath}: ${errorText(error)}`);
  }
}
