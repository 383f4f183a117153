/** Every metric family of the agent: name, type, labels and meaning, in one list that exporter, rules, dashboards and documentation share. */
import { configFamilies } from './config-families.ts';
import { counter, gauge, type MetricFamily } from './metric-family.ts';
import { rejoinFamilies } from './rejoin-families.ts';

export const catalogue: readonly MetricFamily[] = [
  gauge(
    'primacy_build_info',
    ['version', 'node_version'],
    'Always 1; version of Primacy and of its runtime.',
  ),
  gauge('primacy_node_info', ['cluster', 'node', 'kind'], 'Always 1; what this node is in primacy.yml.'),
  gauge(
    'primacy_up',
    ['component'],
    '1 if the component (postgres, keepalived, kernel) answered in this scrape.',
  ),
  gauge(
    'primacy_scrape_collector_success',
    ['collector'],
    '1 if the collector ended in time and without an error.',
  ),
  gauge('primacy_scrape_collector_duration_seconds', ['collector'], 'Time the collector took.'),

  gauge(
    'primacy_pg_role',
    ['role'],
    '1 for the role seen in this scrape: primary, standby, starting, down, unknown.',
  ),
  gauge('primacy_pg_timeline_id', [], 'Timeline the server writes (primary) or receives (standby).'),
  gauge(
    'primacy_pg_timeline_parent_id',
    [],
    'Timeline that the current one branched from; absent on timeline 1.',
  ),
  gauge(
    'primacy_pg_timeline_switch_lsn_bytes',
    [],
    'Position at which the current timeline branched from its parent; absent on timeline 1.',
  ),
  gauge(
    'primacy_pg_timeline_ancestor_switch_lsn_bytes',
    ['timeline', 'next'],
    "Position at which the server's history left that timeline for the next; one series for each of its newest 32 ancestors.",
  ),
  gauge(
    'primacy_pg_timeline_history_info',
    ['timeline', 'hash'],
    'Always 1; sha256 of the full text of the history file.',
  ),
  gauge(
    'primacy_pg_system_identifier_info',
    ['system_identifier'],
    'Always 1; identifier that initdb gave the cluster.',
  ),
  gauge('primacy_pg_current_lsn_bytes', [], 'End of written WAL; only on a primary.'),
  gauge('primacy_pg_receive_lsn_bytes', [], 'End of WAL received and flushed; only on a standby.'),
  gauge('primacy_pg_replay_lsn_bytes', [], 'End of WAL replayed; only on a standby.'),
  gauge('primacy_pg_wal_receiver_streaming', [], '1 if the WAL receiver streams; only on a standby.'),
  gauge(
    'primacy_pg_wal_receiver_last_message_timestamp_seconds',
    [],
    'When the WAL receiver last heard from its sender.',
  ),
  gauge('primacy_pg_senders', ['state'], 'WAL senders by state; only where the server allows reading them.'),
  gauge('primacy_pg_rewind_possible', [], '1 if checksums or wal_log_hints let pg_rewind work.'),
  gauge('primacy_pg_slot_active', ['slot', 'type'], '1 if somebody streams from the replication slot.'),
  gauge(
    'primacy_pg_slot_held_bytes',
    ['slot', 'type'],
    'WAL that the replication slot keeps from being removed.',
  ),
  gauge(
    'primacy_logical_slot_lost',
    ['slot', 'database'],
    '1 for each logical slot that the last primary had and this one has not; until it is made again.',
  ),
  gauge(
    'primacy_pg_synchronous_suspended_timestamp_seconds',
    [],
    'Since when synchronous_standby_names is suspended, 0 while it is not; only on a primary.',
  ),

  gauge(
    'primacy_heartbeat_stored_timestamp_seconds',
    [],
    'sr_delay.sr_date as stored, by the clock of the primary that wrote it.',
  ),
  gauge(
    'primacy_heartbeat_now_timestamp_seconds',
    [],
    'now() of the same query, by the clock of this server.',
  ),
  gauge('primacy_heartbeat_write_success', [], '1 if the last heartbeat write succeeded; only on a primary.'),
  gauge(
    'primacy_heartbeat_write_duration_seconds',
    [],
    'Time the last heartbeat write took; only on a primary.',
  ),
  gauge(
    'primacy_heartbeat_write_timestamp_seconds',
    [],
    'When the last heartbeat write ended, by the clock of this host.',
  ),
  gauge(
    'primacy_heartbeat_sync_wait',
    [],
    '1 if a commit waits for a synchronous standby although local writes succeed; only on a primary.',
  ),

  gauge(
    'primacy_vip_present',
    ['vip', 'interface'],
    '1 if the kernel of this host has the VIP on that interface.',
  ),
  gauge(
    'primacy_vip_answers',
    ['vip'],
    '1 if another host answered for the VIP at the last duplicate-address probe.',
  ),
  gauge('primacy_vip_answers_timestamp_seconds', ['vip'], 'When the last duplicate-address probe ended.'),
  gauge('primacy_gate_open', [], '1 if the agent lets keepalived carry the VIP.'),

  gauge(
    'primacy_vrrp_state',
    ['vrrp_instance', 'state'],
    '1 for the VRRP state: INIT, BACKUP, MASTER, FAULT.',
  ),
  gauge('primacy_vrrp_effective_priority', ['vrrp_instance'], 'Priority in force.'),
  counter(
    'primacy_vrrp_advertisements_received_total',
    ['vrrp_instance'],
    'Advertisements received, as keepalived counts.',
  ),
  counter(
    'primacy_vrrp_advertisements_sent_total',
    ['vrrp_instance'],
    'Advertisements sent, as keepalived counts.',
  ),
  counter(
    'primacy_vrrp_became_master_total',
    ['vrrp_instance'],
    'Transitions to MASTER, as keepalived counts.',
  ),
  counter(
    'primacy_vrrp_released_master_total',
    ['vrrp_instance'],
    'Transitions away from MASTER, as keepalived counts.',
  ),
  counter(
    'primacy_vrrp_errors_total',
    ['vrrp_instance', 'error'],
    'Refused advertisements by reason: authentication, address_list, interval, packet.',
  ),
  gauge(
    'primacy_vrrp_last_transition_timestamp_seconds',
    ['vrrp_instance'],
    'When the VRRP state last changed.',
  ),
  gauge(
    'primacy_keepalived_data_timestamp_seconds',
    [],
    "When keepalived wrote the data behind this scrape's VRRP values.",
  ),
  gauge(
    'primacy_keepalived_check_intact',
    ['check'],
    '1 if that part of the keepalived check works as configured: config_file, track_file, script, dead_man.',
  ),

  gauge('primacy_fence_active', ['reason'], '1 while a fence marker stands on this node.'),
  gauge(
    'primacy_keepalived_prepared',
    [],
    "1 if the running keepalived has Primacy's configuration: its dead-man script was seen at work, adopted or not.",
  ),
  gauge(
    'primacy_fence_guard_alive',
    ['guard'],
    '1 if that guard (fuse, dead_man, kernel) was seen at work; absent where the configuration does without it. Only where adopted.',
  ),
  gauge(
    'primacy_kernel_lease_active',
    [],
    '1 if the kernel itself drops client traffic where the lease has ended; 0 where nftables does not work or is not wanted.',
  ),

  gauge('primacy_adopted', [], '1 if this node acts by the lease; 0 while its agent only observes.'),
  gauge(
    'primacy_lease_epoch',
    [],
    'Newest epoch of the lease that this voter knows; absent before the first.',
  ),
  gauge('primacy_lease_held', [], '1 while this node is entitled to be primary; a witness never is.'),
  gauge(
    'primacy_lease_remaining_seconds',
    [],
    'How long this node is entitled for, without another renewal; absent where it is not.',
  ),
  gauge(
    'primacy_lease_override_expiry_timestamp_seconds',
    [],
    "When a person's override of the voters, under which this node holds the lease, ends at the latest; 0 while there is none.",
  ),
  gauge(
    'primacy_lease_pause_expiry_timestamp_seconds',
    [],
    'When the pause that this voter has in writing ends by itself, by the clock of its holder; 0 while there is none.',
  ),
  gauge(
    'primacy_lease_memory_intact',
    [],
    '0 where the memory of this vote cannot be trusted or not be written: it grants nothing.',
  ),
  counter(
    'primacy_votes_total',
    ['verdict'],
    'Answers of this voter: granted, seen (nothing was asked for), or why it refused.',
  ),
  counter(
    'primacy_vote_refusals_total',
    ['reason'],
    'Requests that this voter refused, and datagrams that it did not take for requests.',
  ),
  gauge('primacy_peer_contact', ['peer'], '1 if a word of that voter came within the length of a lease.'),
  gauge(
    'primacy_peer_configuration_agrees',
    ['peer'],
    '1 if that voter asks with the same voters and timings as this node has; absent before it asked.',
  ),
  gauge(
    'primacy_peer_role',
    ['peer', 'role'],
    '1 for the role that this node sees at another database node, by SQL at its own address.',
  ),
  gauge(
    'primacy_failover_criterion',
    ['criterion', 'state'],
    '1 for the state (pass, fail, unknown) of each criterion, were the primary lost now; only on a standby.',
  ),
  gauge('primacy_duty', ['duty'], '1 for what the agent does about its server now; only on a database node.'),
  counter(
    'primacy_hook_runs_total',
    ['event', 'result'],
    "Runs of the user's commands: done, failed, timed_out, dropped; only of events that have one.",
  ),
  ...configFamilies,
  ...rejoinFamilies,
];
