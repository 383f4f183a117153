/** What the voters answered before a start, whoever asked them: the agent's own lease service tells it as a document on its socket. */
import type { VoteAtStart } from '../../core/guard/start-snapshot.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { NodeName } from '../../core/model/names.ts';
import { ROLES, type Role } from '../../core/model/role.ts';
import { booleanOf, listOf, nullOr, objectOf, oneOf, textOf } from '../../world/json-fields.ts';
import { nodeName, parseLeaseId } from '../../world/lease-fields.ts';
import type { LeaseService } from '../lease/lease-service.ts';

/** Another voter's word. `role`: its server as it told; null on a witness, or where it gave no answer. */
export interface VoterAnswer {
  readonly vote: Known<VoteAtStart | 'silent'>;
  readonly role: Role | null;
  /** It says that it would pass every criterion that is its own business. */
  readonly ready: boolean;
}

export interface VoterAnswers {
  readonly own: Known<VoteAtStart>;
  /** All configured voters but this node. */
  readonly peers: ReadonlyMap<NodeName, VoterAnswer>;
}

interface WireVote {
  readonly node: NodeName;
  readonly lease: VoteAtStart['lease'];
  readonly transferredTo: NodeName | null;
  readonly role: Role | null;
  readonly ready: boolean;
}

/** `peers`: those that answered a request of the last `freshMs`. */
export interface VotersDocument {
  readonly own: VoteAtStart;
  readonly peers: readonly WireVote[];
}

/** For the agent's socket, `GET /voters`. `now`: boot-time milliseconds. */
export function votersDocument(
  service: Pick<LeaseService, 'memory' | 'peers'>,
  now: number,
  freshMs: number,
): VotersDocument {
  const { lease, transferredTo } = service.memory();
  const peers = [...service.peers()].flatMap(([node, { answer, report }]): readonly WireVote[] => {
    if (answer === null || now - answer.sentAt > freshMs) return [];
    const { view } = answer;
    const role = report.server?.role ?? null;
    const { lease: theirs, transferredTo: to } = view;
    return [{ node, lease: theirs, transferredTo: to, role, ready: report.readyToSucceed }];
  });
  return { own: { lease, transferredTo }, peers };
}

/** Reads the document strictly. Throws where a field is not as expected. */
export function parseVotersDocument(value: unknown): VotersDocument {
  const it = objectOf(value, 'voters');
  return {
    own: parseVote(it['own'], 'own'),
    peers: listOf(it['peers'], 'peers', (peer, field) => ({
      ...parseVote(peer, field),
      node: nodeName(objectOf(peer, field)['node'], `${field}.node`),
      role: nullOr(objectOf(peer, field)['role'], `${field}.role`, oneOf(ROLES)),
      ready: booleanOf(objectOf(peer, field)['ready'], `${field}.ready`),
    })),
  };
}

function parseVote(value: unknown, field: string): VoteAtStart {
  const it = objectOf(value, field);
  return {
    lease: nullOr(it['lease'], `${field}.lease`, parseLeaseId),
    transferredTo: nullOr(it['transferredTo'], `${field}.transferredTo`, (name, path) =>
      nodeName(textOf(name, path), path),
    ),
  };
}

/** It was asked as long as can be waited for. */
export const SILENT: VoterAnswer = { vote: known('silent'), role: null, ready: false };

/** The document as answers. Who is missing in it was asked for as long as the agent runs, and is silent. */
export function answersOf(document: VotersDocument, others: readonly NodeName[]): VoterAnswers {
  const peers = new Map<NodeName, VoterAnswer>();
  for (const name of others) {
    const peer = document.peers.find((it) => it.node === name);
    peers.set(
      name,
      peer === undefined
        ? SILENT
        : {
            vote: known({ lease: peer.lease, transferredTo: peer.transferredTo }),
            role: peer.role,
            ready: peer.ready,
          },
    );
  }
  return { own: known(document.own), peers };
}

/** Nobody could be asked: nothing may rest on their silence. */
export function nobodyAsked(
  reason: string,
  own: Known<VoteAtStart>,
  others: readonly NodeName[],
): VoterAnswers {
  return {
    own,
    peers: new Map(others.map((name) => [name, { vote: unknown(reason), role: null, ready: false }])),
  };
}
