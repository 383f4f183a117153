/** A lab's status and account in lines for people. */
import type { LabAccount } from '../../lab/measure/account.ts';
import type { HostStatus, LabStatus } from '../../lab/measure/status.ts';

/** One line a host, after the addresses. */
export function describeStatus(status: LabStatus): readonly string[] {
  return [
    `lab ${status.name}: VIP ${status.vip}, writable: ${status.writable.join(', ') || 'nobody'}`,
    status.page === null
      ? "no agent, nothing watches: keepalived with the article's scripts"
      : `page ${status.page}   Prometheus ${status.prometheus}   Alertmanager ${status.alertmanager}`,
    ...status.hosts.map(describeHost),
  ];
}

function describeHost(host: HostStatus): string {
  const parts = [
    host.powered ? '' : 'powered off',
    host.role === null ? '' : `${host.role} on timeline ${host.timeline ?? '?'}`,
    host.streamingFrom === null ? '' : `streaming from ${host.streamingFrom}`,
    host.holdsVip === true ? 'holds the VIP' : '',
    host.vrrp === null ? '' : `VRRP ${host.vrrp}`,
    host.fenced === true ? 'FENCED' : '',
    host.agent === false ? 'no agent' : '',
  ];
  return `${host.name.padEnd(8)} ${host.address.padEnd(14)} ${parts.filter(Boolean).join(', ') || host.kind}`;
}

/** The counts, then what is not as it should be. */
export function describeAccount(account: LabAccount): readonly string[] {
  return [
    `${account.acknowledged} rows acknowledged: ${account.onPrimary} on the primary, ${account.onlyInBundle} only in a salvage bundle, ${account.nowhere} nowhere`,
    ...(account.nowhere > 0 ? [`nowhere: ${account.nowhereIds.join(', ')}`] : []),
    `two primaries at once for ${account.dualPrimarySeconds.toFixed(1)} s`,
    ...account.writeOutages.map(
      (outage) => `no acknowledgement for ${outage.seconds.toFixed(1)} s from ${outage.from}`,
    ),
    ...account.bundles.map(
      (bundle) =>
        `bundle ${bundle.path}: ${bundle.transactions} client transactions, ${bundle.rows} of the client's rows`,
    ),
  ];
}
