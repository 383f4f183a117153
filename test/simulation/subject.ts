/** What is put to the test: the lease of `src/core/lease`, or a copy of it in another folder, with one rule broken. */
import { pathToFileURL } from 'node:url';
import { checkInequality } from '../../src/core/lease/inequality.ts';
import { LeaseNode } from '../../src/core/lease/lease-node.ts';
import { NO_MEMORY } from '../../src/core/lease/voter.ts';

export interface Subject {
  readonly LeaseNode: typeof LeaseNode;
  readonly NO_MEMORY: typeof NO_MEMORY;
  readonly checkInequality: typeof checkInequality;
}

export const REAL: Subject = { LeaseNode, NO_MEMORY, checkInequality };

/** Loads a copy of `src/core/lease` from another folder. */
export async function loadSubject(folder: string): Promise<Subject> {
  const load = async (file: string): Promise<unknown> => import(pathToFileURL(`${folder}/${file}`).href);
  const { LeaseNode: node } = (await load('lease-node.ts')) as Pick<Subject, 'LeaseNode'>;
  const { NO_MEMORY: memory } = (await load('voter.ts')) as Pick<Subject, 'NO_MEMORY'>;
  const { checkInequality: check } = (await load('inequality.ts')) as Pick<Subject, 'checkInequality'>;
  return { LeaseNode: node, NO_MEMORY: memory, checkInequality: check };
}
