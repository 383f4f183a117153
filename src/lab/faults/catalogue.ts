/** Every fault the lab can make, by name. */
import type { Fault } from './fault.ts';
import { agentFaults } from './of-agent.ts';
import { archiveFaults } from './of-archive.ts';
import { clockFaults } from './of-clocks.ts';
import { hostFaults } from './of-hosts.ts';
import { keepalivedFaults } from './of-keepalived.ts';
import { loadFaults } from './of-load.ts';
import { lineFaults } from './of-lines.ts';
import { postgresFaults } from './of-postgres.ts';
import { standbyFaults } from './of-standby.ts';
import { vipFaults } from './of-vip.ts';

export const faults: ReadonlyMap<string, Fault> = new Map([
  ...postgresFaults,
  ...standbyFaults,
  ...keepalivedFaults,
  ...vipFaults,
  ...agentFaults,
  ...hostFaults,
  ...archiveFaults,
  ...clockFaults,
  ...loadFaults,
  ...lineFaults,
]);
