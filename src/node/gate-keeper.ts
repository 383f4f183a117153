/** Keeps the gate as it must be: looks, decides, writes where the file differs, and says why whenever it changes. */
import type { Timings } from '../config/schema.ts';
import { decideGate, type Entitlement, type GateDecision } from '../core/guard/decide-gate.ts';
import type { FenceMarker } from '../core/model/fence-marker.ts';
import type { Known } from '../core/model/known.ts';
import { readGate, writeGate } from '../world/keepalived/gate.ts';
import type { Role } from '../core/model/role.ts';
import type { Log } from './log.ts';
import type { PostgresLook } from './postgres-look.ts';

export interface GateKeeperParts {
  readonly gateFile: string;
  readonly holdMs: number;
  readonly look: () => Promise<PostgresLook>;
  readonly readFence: () => Promise<Known<FenceMarker | null>>;
  /** What the lease says at this moment. */
  readonly entitlement: () => Entitlement;
  readonly log: Log;
}

export interface GateKeeper {
  /** One look, one decision, at most one write. */
  readonly step: () => Promise<void>;
  /** A promotion has proven in this moment that the server is primary: decides on that, without asking the server again. */
  readonly promoted: () => Promise<void>;
  /** The last look that a step took; null before the first. */
  readonly lastLook: () => PostgresLook | null;
}

/** An unknown role holds an open gate for two complete looks at their full limits. */
export function gateHoldMillis(timings: Timings): number {
  return 2 * (timings.sqlConnectSeconds + timings.sqlStatementSeconds) * 1000;
}

/** Makes the keeper of one gate file; nothing else in the agent writes it. */
export function createGateKeeper(parts: GateKeeperParts): GateKeeper {
  const { gateFile, holdMs, log } = parts;
  let lastLook: PostgresLook | null = null;
  let lastPrimaryAt: number | null = null;
  let said: string | null = null;

  const report = (decision: GateDecision, role: string): void => {
    const line = `${decision.open} ${decision.reason}`;
    if (line === said) return;
    said = line;
    log.info(
      { open: decision.open, reason: decision.reason, role },
      decision.open ? 'gate open' : 'gate closed',
    );
  };

  const judge = async (role: Role): Promise<void> => {
    // The marker is read after the look, which may have taken long: a fence must not wait for a slow server.
    const [now, fence] = await Promise.all([readGate(gateFile), parts.readFence()]);
    const decision = decideGate({
      entitlement: parts.entitlement(),
      role,
      fence,
      openNow: now.kind === 'known' && now.value,
      sincePrimaryMs: lastPrimaryAt === null ? null : performance.now() - lastPrimaryAt,
      holdMs,
    });
    if (now.kind === 'unknown' || now.value !== decision.open) await writeGate(gateFile, decision.open);
    report(decision, role);
    if (decision.open) await closeIfFencedMeanwhile(parts);
  };

  return {
    step: async () => {
      const look = await parts.look();
      lastLook = look;
      // A look that began before the promotion was proven says nothing about what came after it.
      if (lastPrimaryAt !== null && look.beganAt < lastPrimaryAt) return;
      if (look.role === 'primary') lastPrimaryAt = look.beganAt;
      await judge(look.role);
    },
    promoted: async () => {
      lastPrimaryAt = performance.now();
      await judge('primary');
    },
    lastLook: () => lastLook,
  };
}

/** A fence writes its marker and then closes the gate; if both, or the end of the lease, fell between our read and our write, ours came last. */
async function closeIfFencedMeanwhile(parts: GateKeeperParts): Promise<void> {
  const fence = await parts.readFence();
  const lost = parts.entitlement().kind === 'none';
  if (lost || fence.kind === 'unknown' || fence.value !== null) await writeGate(parts.gateFile, false);
}
