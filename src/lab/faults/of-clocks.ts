/** Faults of a host's wall clock, in a lab of `--fake-clocks`. */
import { setClock } from '../hosts/clock.ts';
import { PRIMARY, type Fault } from './fault.ts';

const HOUR_SECONDS = 3_600;

export const clockFaults: readonly (readonly [string, Fault])[] = [
  ['clock-forward', jump('forward', HOUR_SECONDS)],
  ['clock-backward', jump('backward', -HOUR_SECONDS)],
];

function jump(direction: string, seconds: number): Fault {
  return {
    summary: `the wall clock of agent, PostgreSQL and keepalived jumps an hour ${direction}, in a lab of --fake-clocks`,
    defaultHost: PRIMARY,
    strike: (target) => setClock(target.state.name, target.host.name, seconds),
    mend: (target) => setClock(target.state.name, target.host.name, 0),
  };
}
