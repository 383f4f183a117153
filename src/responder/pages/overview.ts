/** The view model of the first page: every value already the words that are shown. */
import { describeStep } from '../../core/plan/plan.ts';
import type { Finding } from '../../core/diagnose/finding.ts';
import type { FiringAlert } from '../store/alerts.ts';
import type { JournalDocument, PlanDocument } from '../read/documents.ts';
import type { ClusterStatus, NodeStatus, RemediationStatus } from '../read/status.ts';

export interface OverviewParts {
  readonly at: string;
  readonly clusters: readonly { readonly status: ClusterStatus; readonly plan: PlanDocument }[];
  readonly journal: JournalDocument;
  readonly strangers: readonly FiringAlert[];
}

interface ShownNode {
  readonly name: string;
  readonly role: string;
  readonly timeline: string;
  readonly position: string;
  readonly lease: string;
  readonly vip: string;
  readonly vrrp: string;
  readonly fence: string;
  readonly agent: string;
  readonly unknown: string;
}

interface ShownCluster {
  readonly name: string;
  readonly healthy: boolean;
  readonly vip: string;
  readonly policy: string;
  readonly lease: string;
  readonly findings: readonly Finding[];
  readonly alerts: ClusterStatus['alerts'];
  readonly next: string;
  readonly remediation: { readonly state: string; readonly text: string; readonly urgent: boolean } | null;
  readonly nodes: readonly ShownNode[];
}

export interface Overview {
  readonly at: string;
  readonly clusters: readonly ShownCluster[];
  readonly strangers: readonly string[];
  readonly entries: readonly Readonly<
    Record<'at' | 'cluster' | 'node' | 'event' | 'step' | 'detail', string>
  >[];
}

/** Puts everything into words. */
export function overviewOf(parts: OverviewParts): Overview {
  return {
    at: parts.at,
    clusters: parts.clusters.map(({ status, plan }) => ({
      name: status.cluster,
      healthy: status.healthy,
      vip: status.vip,
      policy: status.policy,
      lease: leaseOf(status),
      findings: status.findings,
      alerts: status.alerts,
      next: nextOf(plan),
      remediation: status.remediation === null ? null : shownRemediation(status.remediation),
      nodes: status.nodes.map(shownNode),
    })),
    strangers: parts.strangers.map(
      (alert) =>
        `${alert.name} names ${alert.cluster === null ? 'no cluster' : JSON.stringify(alert.cluster)}; nothing is done for it`,
    ),
    entries: parts.journal.entries.toReversed().map((entry) => ({
      at: entry.at,
      cluster: entry.cluster ?? '',
      node: entry.node ?? '',
      event: entry.event,
      step: entry.step ?? '',
      detail: typeof entry.detail === 'string' ? entry.detail : JSON.stringify(entry.detail),
    })),
  };
}

/** What would be done now, or why nothing is. */
export function nextOf(plan: PlanDocument): string {
  const { decision } = plan;
  switch (decision.kind) {
    case 'nothing-to-do':
      return 'nothing to do.';
    case 'refusal':
      return `nothing is done (${decision.code}): ${decision.reason}.`;
    case 'plan':
      return `${decision.steps.map(describeStep).join(', then ')}.`;
  }
}

/** `epoch 3 on pg1`. */
function leaseOf({ epoch, leaseHolder, pause, override }: ClusterStatus): string {
  const paused = pause === null ? '' : `, paused until ${pause.until} by ${pause.by}: ${pause.reason}`;
  const forced = override === null ? '' : `, by a person's word until ${override.until}: ${override.reason}`;
  const held = epoch === null || leaseHolder === null ? 'none seen' : `epoch ${epoch} on ${leaseHolder}`;
  return `${held}${forced}${paused}`;
}

function shownLease({ epoch, holdsLease }: NodeStatus): string {
  if (holdsLease === null) return 'not known';
  if (epoch === null) return 'none';
  return holdsLease ? `holds epoch ${epoch}` : `knows epoch ${epoch}`;
}

function shownRemediation(it: RemediationStatus): NonNullable<ShownCluster['remediation']> {
  const ended = it.endedAt === null ? '' : `, ended ${it.endedAt}`;
  const why = it.why === null ? '' : `. ${it.why}`;
  return {
    state: it.state,
    text: `${it.playbook} on ${it.node}, started ${it.startedAt}${ended}${why}`,
    urgent: it.state !== 'done' && it.state !== 'superseded',
  };
}

function shownNode(node: NodeStatus): ShownNode {
  const fence = node.fence === null ? 'none' : `${node.fence.state}: ${node.fence.reason}`;
  return {
    name: node.name,
    role: node.kind === 'witness' ? 'witness' : (node.role ?? 'not known'),
    timeline: node.timeline === null ? '' : String(node.timeline),
    position: node.lsn ?? '',
    lease: shownLease(node),
    vip: shown(node.holdsVip, 'has it', 'no'),
    vrrp: node.kind === 'witness' ? '' : (node.vrrp ?? 'not known'),
    fence: node.answered ? fence : 'not known',
    agent: shown(node.agent, 'running', 'not running'),
    unknown: node.unknown.join('; '),
  };
}

function shown(value: boolean | null, yes: string, no: string): string {
  if (value === null) return 'not known';
  return value ? yes : no;
}
