/** The Debian packages that the lab and the tests use, each with the reason that a person is told before it is installed. */

/**
 * @typedef {object} DebianPackage
 * @property {string} name
 * @property {string} why
 */

/** @type {readonly DebianPackage[]} */
export const debianPackages = [
  { name: 'postgresql-15', why: 'the database that the lab replicates' },
  { name: 'keepalived', why: 'moves the virtual address' },
  { name: 'prometheus', why: 'collects metrics; promtool tests the rules' },
  { name: 'prometheus-alertmanager', why: 'sends the webhook; amtool checks its configuration' },
  { name: 'prometheus-postgres-exporter', why: 'the exporter that the bench compares with' },
  { name: 'openssh-server', why: "carries the responder's requests to the nodes" },
  { name: 'openssh-client', why: 'makes host keys' },
  { name: 'iproute2', why: 'makes the networks of the lab' },
  { name: 'nftables', why: 'cuts networks for faults' },
  { name: 'iputils-arping', why: 'asks who holds the virtual address' },
  { name: 'iputils-ping', why: 'shows which hosts answer' },
  { name: 'curl', why: 'asks pages and metrics from inside a host' },
  { name: 'procps', why: 'lists processes from inside a host' },
  { name: 'util-linux', why: 'makes namespaces, takes locks, changes user' },
  { name: 'mount', why: 'gives each host its own folders' },
  { name: 'libfaketime', why: 'wrong clocks for drills' },
  { name: 'strace', why: 'proves that a journal entry is on disk before it is acknowledged' },
];
