/** Which seed notices each broken rule of mutations.ts, or why none does and what holds the rule instead. */

/** By name: what caught it when it was last looked for (`node test/simulation/find-mutations.ts`). */
export const CAUGHT_BY: Readonly<Record<string, readonly number[]>> = {
  'a voter does not wait': [-5],
  'a voter that was restarted does not wait': [-1036],
  'a voter waits from the grant, not from the last renewal': [1],
  'a voter does not remember the longest wait it ever promised': [-163],
  'a candidate counts itself without a wait': [54],
  'a voter without memory believes whoever renews': [3_042_397],
  'a vote is not made durable': [3],
  'less than half of the voters are a majority': [1],
  'less than half of the voters keep a lease alive': [1],
  'two voters elect as many do, and the holder goes on alone': [291],
  'an acknowledgement counts from when it came': [-116],
  'a lease that ran out is renewed': [2],
  'an epoch that was given away is renewed': [-1],
  'an epoch is granted twice': [-14],
  'an old epoch is granted': [-1],
  'a voter without memory grants whatever is asked': [101],
  'nobody compares the configuration': [51, 253],
  'changed voters are counted by the new set alone': [496],
  'a vote lost in vain is never won back': [54],
  'a holder that wakes goes above the lease of its successor': [3_321_090],
  'a holder that was never promoted proves no more than its own end': [3_412_289],
  'the inequality takes half of the lease': [1],
  'the inequality takes half of the dead-man': [-58],
  'the inequality takes half of the kill': [-285],
  'the inequality takes half of the margin': [-352],
  'the inequality takes half of the drift': [-52_016, -103_133],
  'not_paused is not asked': [-60],
  'cooldown is not asked': [-94],
  'local_standby_ok is not asked': [3],
  'same_system is not asked': [78],
  'loss_bound is not asked': [72],
  'own_network_ok is not asked': [-86],
  'witness_reachable is not asked': [29],
  'best_candidate is not asked': [-110],
  'vip_free is not asked': [77],
  'can_serve is not asked': [63],
  'keepalived_ready is not asked': [31],
};

const UNIT = 'test/unit/core/guard/decide-failover.test.ts';
const EXPLAINS = `it is decisive on no way in, and only explains: the voters’ wait stands for it; ${UNIT}`;

/** By name: why no seed was found, and what holds the rule. */
export const UNSEEN: Readonly<Record<string, string>> = {
  'a late word brings a former configuration back':
    'seed 3148402 found it, one of 150,000, before voters wrote down the first renewal; test/unit/core/lease/change-of-voters.test.ts',
  'timeline_current is not asked': `whoever is on an older timeline lacks the epoch row or the bytes of the newer one: F10, F17; seed -1532 found it once, before holders in debt kept their lease; ${UNIT}`,
  'primary_sql_dead is not asked': EXPLAINS,
  'receiver_stopped is not asked': EXPLAINS,
  'heartbeat_stale is not asked': EXPLAINS,
  'witness_agrees is not asked': EXPLAINS,
  'old_primary_fenced is not asked': EXPLAINS,
  'local_clock_sane is not asked': `a criterion that only warns; ${UNIT}`,
  'primary_tcp_host is not asked': `whoever still accepts connections has the lease, or is ended before the voters grant the next: F15; ${UNIT}`,
  'majority is not asked': `a claim needs the grants of a majority, which nobody has who sees none: F15; ${UNIT}`,
  'exclusive_grant is not asked': `the duty asks for it once more, and a claim without grants makes nobody primary: core/lease; ${UNIT}`,
  'no_other_primary is not asked': `no voter grants a lease beside one that is held: F15; ${UNIT}`,
};
