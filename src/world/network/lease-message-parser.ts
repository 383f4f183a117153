/** Reads messages of the lease from parsed JSON, every field checked, because a datagram is what somebody else wrote. */
import { REFUSALS, type LeaseMessage, type VoterView } from '../../core/lease/message.ts';
import type { NodeName, SystemIdentifier } from '../../core/model/names.ts';
import type { NodeReport, RememberedPrimary, ServerReport, Sight } from '../../core/model/node-report.ts';
import { ROLES } from '../../core/model/role.ts';
import { parseSynchronousWord, type SynchronousWord } from '../../core/model/synchronous-word.ts';
import {
  booleanOf,
  countOf,
  FieldError,
  listOf,
  millisOf,
  nullOr,
  numberOf,
  objectOf,
  oneOf,
  textOf,
} from '../json-fields.ts';
import { nodeName, parseLeaseId, parsePause } from '../lease-fields.ts';

const VERDICTS = ['granted', 'seen', ...REFUSALS] as const;

/** A message of `from`, whose name stands in the envelope alone. Throws `FieldError`. */
export function parseLeaseMessage(value: unknown, from: NodeName): LeaseMessage<NodeReport> {
  const it = objectOf(value, 'message');
  const nonce = textOf(it['nonce'], 'nonce');
  const report = parseReport(it['report'], from);
  const kind = oneOf(['renew', 'claim', 'transfer', 'look', 'answer'])(it['kind'], 'kind');
  if (kind === 'answer') {
    const verdict = oneOf(VERDICTS)(it['verdict'], 'verdict');
    return { kind, from, nonce, verdict, view: parseView(it['view']), report };
  }
  const request = {
    from,
    nonce,
    digest: textOf(it['digest'], 'digest'),
    at: millisOf(it['at'], 'at'),
    waitMs: millisOf(it['waitMs'], 'waitMs'),
    report,
  };
  if (kind === 'look') return { ...request, kind };
  const lease = parseLeaseId(it['lease'], 'lease');
  const pause = parsePause(it['pause'], 'pause');
  if (kind === 'renew') return { ...request, kind, lease, forced: booleanOf(it['forced'], 'forced'), pause };
  if (kind === 'claim')
    return { ...request, kind, lease, adoption: booleanOf(it['adoption'], 'adoption'), pause };
  const successor = nodeName(it['successor'], 'successor');
  return { ...request, kind, lease, successor, proof: it['proof'] ?? null };
}

function parseView(value: unknown): VoterView {
  const it = objectOf(value, 'view');
  return {
    lease: nullOr(it['lease'], 'view.lease', parseLeaseId),
    transferredTo: nullOr(it['transferredTo'], 'view.transferredTo', nodeName),
    heardAgoMs: nullOr(it['heardAgoMs'], 'view.heardAgoMs', millisOf),
    begun: nullOr(it['begun'], 'view.begun', parseLeaseId),
    grantableInMs: nullOr(it['grantableInMs'], 'view.grantableInMs', millisOf),
    pause: parsePause(it['pause'], 'view.pause'),
  };
}

function parseReport(value: unknown, from: NodeName): NodeReport {
  const it = objectOf(value, 'report');
  const node = nodeName(it['node'], 'report.node');
  if (node !== from) throw new FieldError('report.node', from);
  return {
    node,
    kind: oneOf(['database', 'witness'])(it['kind'], 'report.kind'),
    adopted: booleanOf(it['adopted'], 'report.adopted'),
    server: nullOr(it['server'], 'report.server', parseServer),
    holdsVip: nullOr(it['holdsVip'], 'report.holdsVip', booleanOf),
    fenced: nullOr(it['fenced'], 'report.fenced', booleanOf),
    readyToSucceed: booleanOf(it['readyToSucceed'], 'report.readyToSucceed'),
    priority: countOf(it['priority'], 'report.priority'),
    sights: listOf(it['sights'], 'report.sights', parseSight),
    remembers: nullOr(it['remembers'] ?? null, 'report.remembers', parseRemembered),
  };
}

function parseServer(value: unknown, field: string): ServerReport {
  const it = objectOf(value, field);
  const text = (name: keyof ServerReport): string | null => nullOr(it[name], `${field}.${name}`, textOf);
  return {
    role: oneOf(ROLES)(it['role'], `${field}.role`),
    systemIdentifier: text('systemIdentifier') as SystemIdentifier | null,
    timeline: nullOr(it['timeline'], `${field}.timeline`, countOf),
    historyHash: text('historyHash'),
    lsn: nullOr(it['lsn'], `${field}.lsn`, lsnText),
    replayLsn: nullOr(it['replayLsn'], `${field}.replayLsn`, lsnText),
    heartbeat: nullOr(it['heartbeat'], `${field}.heartbeat`, numberOf),
    dataEpoch: nullOr(it['dataEpoch'], `${field}.dataEpoch`, countOf),
    synchronous: nullOr(it['synchronous'], `${field}.synchronous`, parseWord),
    streamsAs: text('streamsAs'),
  };
}

function parseWord(value: unknown, field: string): SynchronousWord | null {
  return parseSynchronousWord(value, () => new FieldError(field, 'names, degraded and strangers'));
}

function parseRemembered(value: unknown, field: string): RememberedPrimary {
  const it = objectOf(value, field);
  return {
    node: nodeName(it['node'], `${field}.node`),
    ageMs: millisOf(it['ageMs'], `${field}.ageMs`),
    server: parseServer(it['server'], `${field}.server`),
    epoch: countOf(it['epoch'], `${field}.epoch`),
  };
}

function parseSight(value: unknown, field: string): Sight {
  const it = objectOf(value, field);
  return {
    node: nodeName(it['node'], `${field}.node`),
    role: oneOf(ROLES)(it['role'], `${field}.role`),
    ageMs: millisOf(it['ageMs'], `${field}.ageMs`),
  };
}

/** Kept as text, but only where `parseLsn` can read it, so that nobody who compares it later is surprised. */
function lsnText(value: unknown, field: string): string {
  const text = textOf(value, field);
  if (!/^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/.test(text)) throw new FieldError(field, 'X/Y');
  return text;
}
