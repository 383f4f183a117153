/** The dry run of `primacy adopt`: what it would do on this node, or why it would not. */
import { adoptionNext, adoptionRefusal, type NodeStanding } from '../../core/guard/adoption-order.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { readAdoption } from '../../world/files/adoption.ts';
import type { GuardContext } from './guard-context.ts';
import { requireAdoptable } from './preconditions.ts';
import { planTakeOver, type TakeOverPlan } from './take-keepalived-over.ts';

export interface AdoptionPlan {
  readonly node: string;
  /** Null where it could not be told. */
  readonly role: 'primary' | 'standby' | null;
  readonly refusal: string | null;
  readonly steps: readonly string[];
  /** What is left on the other nodes, in order. */
  readonly next: readonly string[];
}

/** Looks and changes nothing; never rejects for what would be refused. */
export async function planAdoption(
  context: GuardContext,
  others: readonly NodeStanding[],
): Promise<AdoptionPlan> {
  const common = { node: context.node.name, next: adoptionNext(others) };
  try {
    const { role } = await requireAdoptable(context);
    const plan = await planTakeOver(context);
    const adoption = await readAdoption(context.paths.adoption);
    const adopted = adoption.kind === 'known' && adoption.value !== null;
    const wait = adoptionRefusal({ role, adopted, takesOver: plan.kind === 'take-over' }, others);
    return {
      ...common,
      role,
      refusal: wait === null ? null : `cannot adopt ${context.node.name}: ${wait}`,
      steps: stepsFor(context, role, plan),
    };
  } catch (error) {
    return { ...common, role: null, refusal: errorText(error), steps: [] };
  }
}

function stepsFor(
  { cluster, paths }: GuardContext,
  role: 'primary' | 'standby',
  plan: TakeOverPlan,
): readonly string[] {
  return [
    `install the guard programs in ${paths.guardDirectory}`,
    ...(cluster.fencing.fuse ? ['start the fuse'] : []),
    'pin recovery settings in postgresql.auto.conf, by ALTER SYSTEM and a reload',
    ...(role === 'primary' ? ['take the first lease'] : []),
    ...(role === 'primary' && cluster.startProtection === 'signal' ? ['put standby.signal there'] : []),
    ...keepalivedSteps(cluster.keepalived.configFile, role, plan),
  ];
}

function keepalivedSteps(file: string, role: 'primary' | 'standby', plan: TakeOverPlan): readonly string[] {
  switch (plan.kind) {
    case 'runs':
      return [];
    case 'by-hand':
      return ['keepalived: nothing; include what "primacy config keepalived" prints yourself'];
    case 'take-over':
      return [
        ...(plan.text === null
          ? []
          : [`${file}: an include in place of the VRRP instance, which stays as a comment`]),
        ...plan.dropped.map((it) => `no longer run by keepalived: ${it}`),
        role === 'primary'
          ? 'reload keepalived, which keeps the VIP'
          : 'stop keepalived and start it in FAULT',
      ];
  }
}
