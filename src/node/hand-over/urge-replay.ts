/** Makes a standby's startup process read what was fetched now: ends its WAL receiver and wakes it. */
import {
  endUnlimitedRestore,
  recoveryProcessesOf,
  signal,
  type ServerChild,
} from '../../world/postgres/recovery-processes.ts';

/** A receiver that SIGTERM does not end within this time is killed, where the postmaster survives that. */
const PATIENCE_MS = 100;

export interface Urge {
  /** Once more; synchronous, and cheap enough for every few milliseconds. */
  readonly again: (restartsAfterCrash: boolean) => void;
}

/**
 * A receiver that was stopped by a signal, or waits for a dead primary, keeps the startup process from its restore_command for as long as
 * it likes (facts.md section 10); SIGTERM is only seen after SIGCONT. SIGHUP wakes the startup process from its wait between two attempts
 * (`wal_retrieve_retry_interval`), and makes it read its configuration again, which harms nothing.
 */
export function urgeReplay(postmasterPid: number): Urge {
  let receiver: (ServerChild & { readonly since: number }) | null = null;
  return {
    again: (restartsAfterCrash) => {
      const found = recoveryProcessesOf(postmasterPid);
      const now = performance.now();
      if (found.receiver === null) receiver = null;
      else {
        const same = receiver !== null && receiver.startTicks === found.receiver.startTicks;
        const since = same && receiver !== null ? receiver.since : now;
        receiver = { ...found.receiver, since };
        const stubborn = restartsAfterCrash && now - since > PATIENCE_MS;
        signal(receiver.pid, stubborn ? 'SIGKILL' : 'SIGTERM');
        signal(receiver.pid, 'SIGCONT');
      }
      if (found.startup === null) return;
      endUnlimitedRestore(found.startup);
      signal(found.startup.pid, 'SIGHUP');
    },
  };
}
