/** What is put to the test: the decisions of `src/core`, or a copy of them in another folder, with one rule broken. */
import { pathToFileURL } from 'node:url';
import { inheritedProof } from '../../src/core/guard/debt.ts';
import { decideDuty } from '../../src/core/guard/decide-duty.ts';
import { decideFailover, isReadyToSucceed } from '../../src/core/guard/decide-failover.ts';
import { decideSwitchover } from '../../src/core/guard/decide-switchover.ts';
import { checkInequality } from '../../src/core/lease/inequality.ts';
import { LeaseNode } from '../../src/core/lease/lease-node.ts';
import { NO_MEMORY } from '../../src/core/lease/voter.ts';

export interface Subject {
  readonly LeaseNode: typeof LeaseNode;
  readonly NO_MEMORY: typeof NO_MEMORY;
  readonly checkInequality: typeof checkInequality;
  readonly decideDuty: typeof decideDuty;
  readonly decideFailover: typeof decideFailover;
  readonly isReadyToSucceed: typeof isReadyToSucceed;
  readonly decideSwitchover: typeof decideSwitchover;
  readonly inheritedProof: typeof inheritedProof;
}

export const REAL: Subject = {
  LeaseNode,
  NO_MEMORY,
  checkInequality,
  decideDuty,
  decideFailover,
  isReadyToSucceed,
  decideSwitchover,
  inheritedProof,
};

const FILES = [
  'lease/lease-node.ts',
  'lease/voter.ts',
  'lease/inequality.ts',
  'guard/debt.ts',
  'guard/decide-duty.ts',
  'guard/decide-failover.ts',
  'guard/decide-switchover.ts',
] as const;

/** Loads a copy of `src/core` from another folder. */
export async function loadSubject(folder: string): Promise<Subject> {
  const parts = await Promise.all(
    FILES.map(async (file): Promise<unknown> => import(pathToFileURL(`${folder}/${file}`).href)),
  );
  const all = Object.assign({}, ...parts) as Subject;
  const subject: { [K in keyof Subject]: Subject[K] } = { ...REAL };
  for (const name of Object.keys(REAL) as (keyof Subject)[]) {
    if (all[name] === undefined) throw new Error(`cannot test the copy in ${folder}: it has no ${name}`);
    Object.assign(subject, { [name]: all[name] });
  }
  return subject;
}
