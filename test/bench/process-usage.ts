/** CPU time and resident memory of a process and the children it has waited for, as the kernel counts them. */
import { readFileSync } from 'node:fs';

/** Length of a clock tick in /proc/PID/stat: 1/100 s on every Linux that Debian 12 builds. */
const TICK_SECONDS = 0.01;

/** User and system seconds so far, ended children included. */
export function cpuSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may contain blanks; fields are counted behind it: utime stime cutime cstime are 14 to 17.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks * TICK_SECONDS;
}

/** Resident memory now, in megabytes of 10^6 bytes. */
export function residentMegabytes(pid: number): number {
  return statusKilobytes(pid, 'VmRSS');
}

/** Highest resident memory so far, in megabytes of 10^6 bytes. */
export function peakMegabytes(pid: number): number {
  return statusKilobytes(pid, 'VmHWM');
}

function statusKilobytes(pid: number, field: string): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (line === null) throw new Error(`cannot read ${field} of process ${pid}`);
  return (Number(line[1]) * 1024) / 1e6;
}
