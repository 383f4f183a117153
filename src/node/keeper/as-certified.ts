/** What a certificate of death makes of the evidence: it is newer than any word of the dead primary that was heard. */
import type { FailoverSnapshot, LastPrimary } from '../../core/guard/failover-snapshot.ts';
import { parseDeathCertificate } from '../../core/model/death-certificate.ts';
import { known, unknown } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';

/** The giver's proof is newer than any word of it that was heard: on which branch it ended, and where, is judged by that. */
export function asCertified(snapshot: FailoverSnapshot, proof: unknown): FailoverSnapshot {
  const { lastPrimary } = snapshot;
  try {
    const certificate = parseDeathCertificate(proof);
    const unseen = unknown(`${certificate.node} was not seen as a primary since this agent was started`);
    const heartbeat = lastPrimary.kind === 'known' ? lastPrimary.value.heartbeat : unseen;
    const { synchronous } = certificate;
    const certified: LastPrimary = {
      node: certificate.node,
      ageMs: 0,
      systemIdentifier: known(certificate.systemIdentifier),
      timeline: known(certificate.timeline),
      historyHash: known(certificate.historyHash),
      lsn: known(certificate.endLsn),
      heartbeat,
      synchronous: synchronous === null ? unseen : known(synchronous),
    };
    return { ...snapshot, lastPrimary: known(certified) };
  } catch (error) {
    return { ...snapshot, lastPrimary: unknown(`the proof of death cannot be read: ${errorText(error)}`) };
  }
}
