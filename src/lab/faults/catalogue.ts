/** Every fault the lab can make, by name. */
import type { Fault } from './fault.ts';
import { agentFaults } from './of-agent.ts';
import { hostFaults } from './of-hosts.ts';
import { keepalivedFaults } from './of-keepalived.ts';
import { loadFaults } from './of-load.ts';
import { postgresFaults } from './of-postgres.ts';

export const faults: ReadonlyMap<string, Fault> = new Map([
  ...postgresFaults,
  ...keepalivedFaults,
  ...agentFaults,
  ...hostFaults,
  ...loadFaults,
]);
