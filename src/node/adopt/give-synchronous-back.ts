/** A node that is given back has its own `synchronous_standby_names`, or a person who knows that it has not. */
import { SUSPENDED_SETTING } from '../../world/postgres/suspended-synchronous.ts';
import { giveBackSynchronous } from '../hand-over/synchronous.ts';
import type { AdoptionReport } from './adopt-node.ts';
import type { GuardContext } from './guard-context.ts';

/** Returns what a person has to know: nobody looks after it any more. */
export async function giveSynchronousBack(
  context: GuardContext,
  role: AdoptionReport['role'],
): Promise<readonly string[]> {
  if (role === 'stopped')
    return [
      `Where Primacy had suspended synchronous_standby_names, postgresql.auto.conf has it in ${SUSPENDED_SETTING}.`,
    ];
  const synchronous = await giveBackSynchronous(context);
  if (synchronous === null) return [];
  const { names, restored } = synchronous;
  if (restored) return [`synchronous_standby_names is ${names} again.`];
  return [
    `synchronous_standby_names was ${names} and stays suspended, because no such standby streams and every commit would wait. Set it yourself when one does.`,
  ];
}
