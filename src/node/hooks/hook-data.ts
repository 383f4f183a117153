/** What a user's command is told of its event, as environment variables and as one JSON document: pure. */
import type { Duty } from '../../core/guard/duty.ts';
import type { HookEvent } from '../../core/model/hook.ts';
import type { EpochMillis, NodeName } from '../../core/model/names.ts';
import type { Done } from '../keeper/context.ts';

/** Null = not known. CONFIGURATION.md explains each to users: fields are added, and never change their meaning. */
export interface HookData {
  readonly event: HookEvent;
  readonly cluster: string;
  readonly node: string;
  /** RFC 3339, milliseconds, UTC: when the procedure ended, by this host's wall clock. */
  readonly at: string;
  readonly duty: Duty['kind'];
  /** Why, one sentence without full stop. */
  readonly reason: string;
  readonly epoch: number | null;
  readonly timeline: number | null;
  readonly newPrimary: string | null;
}

/** What the node knows when a procedure has ended. */
export interface Seen {
  readonly cluster: string;
  readonly node: string;
  readonly at: EpochMillis;
  /** Of the newest lease that this voter knows, and who holds it. */
  readonly epoch: number | null;
  readonly holder: NodeName | null;
  /** That this node was last seen to write as a primary. */
  readonly ownTimeline: number | null;
  /** That another node says it is on. */
  readonly timelineOf: (node: NodeName) => number | null;
}

export function dataOf(event: HookEvent, duty: Duty, done: Done, seen: Seen): HookData {
  const { cluster, node, at } = seen;
  return {
    event,
    cluster,
    node,
    at: new Date(at).toISOString(),
    duty: duty.kind,
    reason: duty.reason,
    epoch: numberOr(done['epoch'], seen.epoch),
    ...placeAfter(duty, done, seen),
  };
}

function placeAfter(duty: Duty, done: Done, seen: Seen): Pick<HookData, 'timeline' | 'newPrimary'> {
  const { node, holder, ownTimeline } = seen;
  switch (duty.kind) {
    case 'join':
    case 'follow':
      return { timeline: seen.timelineOf(duty.holder), newPrimary: duty.holder };
    case 'step-down': {
      const { successor } = done;
      return { timeline: ownTimeline, newPrimary: typeof successor === 'string' ? successor : null };
    }
    case 'fence':
      return { timeline: ownTimeline, newPrimary: holder === node ? null : holder };
    default:
      return { timeline: numberOr(done['timeline'], null), newPrimary: node };
  }
}

function numberOr(value: unknown, otherwise: number | null): number | null {
  return typeof value === 'number' ? value : otherwise;
}

/** Every variable is always there; what is not known is empty. */
export function environmentOf(data: HookData): Readonly<Record<string, string>> {
  const variables = {
    PRIMACY_EVENT: data.event,
    PRIMACY_CLUSTER: data.cluster,
    PRIMACY_NODE: data.node,
    PRIMACY_AT: data.at,
    PRIMACY_DUTY: data.duty,
    PRIMACY_REASON: data.reason,
    PRIMACY_EPOCH: data.epoch,
    PRIMACY_TIMELINE: data.timeline,
    PRIMACY_NEW_PRIMARY: data.newPrimary,
  };
  return Object.fromEntries(
    // No program can be started with a NUL in its environment.
    Object.entries(variables).map(([name, value]) => [name, String(value ?? '').replaceAll('\0', '')]),
  );
}

/** One line. */
export function documentOf(data: HookData): string {
  return `${JSON.stringify(data)}\n`;
}
