/** keepalived's JSON as 2.2.7 wrote it. */
import { expect, test } from 'vitest';
import { parseKeepalivedJson } from '../../../../src/world/keepalived/json.ts';

const dump = (state: unknown): string =>
  `[{"data":{"iname":"primacy","last_transition":1795262487.782727,"base_priority":100,"effective_priority":100,"vipset":false,"state":${JSON.stringify(state)},"vips":["10.99.0.100\\/24 dev v0 scope global"]},"stats":{"advert_rcvd":7,"advert_sent":2,"become_master":1,"release_master":0,"packet_len_err":1,"advert_interval_err":0,"ip_ttl_err":2,"invalid_type_rcvd":3,"addr_list_err":4,"invalid_authtype":0,"authtype_mismatch":1,"auth_failure":5,"pri_zero_rcvd":0,"pri_zero_sent":0}}]`;

test('state, priority and counters are read by name', () => {
  expect(parseKeepalivedJson(dump(3), 'primacy', 12)).toEqual({
    state: 'FAULT',
    effectivePriority: 100,
    lastTransition: 1795262487.782727,
    advertisementsReceived: 7,
    advertisementsSent: 2,
    becameMaster: 1,
    releasedMaster: 0,
    errors: { authentication: 6, address_list: 4, interval: 0, packet: 6 },
    writtenAt: 12,
  });
});

test.each([
  ['a part of the file', '[{"data":{', 'primacy', 'JSON'],
  ['another instance', dump(2), 'other', 'no instance "other"'],
  ['a state that does not exist', dump(9), 'primacy', 'state 9'],
  ['a state that is no number', dump('MASTER'), 'primacy', 'state'],
])('%s is an error', (_what, text, instance, message) => {
  expect(() => parseKeepalivedJson(text, instance, 0)).toThrow(message);
});
