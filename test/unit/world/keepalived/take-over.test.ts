/** keepalived.conf keeps everything but the instance that is taken over, and what a reload would not survive is refused with both values. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../../../src/world/keepalived/configuration-tree.ts';
import { takeOver, type WantedInstance } from '../../../../src/world/keepalived/take-over.ts';

const ARTICLE = readFileSync(
  new URL('../../../../src/lab/article/keepalived.conf.template', import.meta.url),
  'utf8',
)
  .replaceAll('@ROUTER_ID@', 'pg1')
  .replaceAll('@USER@', 'postgres')
  .replaceAll('@INTERFACE@', 'eth0')
  .replaceAll('@PRIORITY@', '100')
  .replaceAll('@VIP@', '10.79.0.100');
const WANTED: WantedInstance = {
  name: 'VI_1',
  vrid: 10,
  interface: 'eth0',
  vip: '10.79.0.100/32',
  transport: 'multicast',
  fragment: '/etc/keepalived/primacy.conf',
};
const keywords = (text: string): readonly string[] =>
  parseConfiguration(text).map(({ words }) => words.slice(0, 2).join(' '));
const reason = (text: string, wanted: Partial<WantedInstance> = {}): string => {
  const found = takeOver(text, { ...WANTED, ...wanted });
  return found.kind === 'impossible' ? found.reason : found.kind;
};

test('the article\u2019s instance and its check become comments, an include stands in the instance\u2019s place', () => {
  const found = takeOver(ARTICLE, WANTED);
  if (found.kind !== 'possible') throw new Error(reason(ARTICLE));
  expect(keywords(found.text)).toEqual(['global_defs', 'include /etc/keepalived/primacy.conf']);
  expect(found.dropped).toEqual([
    'notify_master /etc/keepalived/failover.sh',
    'notify_fault /etc/keepalived/fault.sh',
  ]);
  const back = found.text.replaceAll('#primacy# ', '').replace('include /etc/keepalived/primacy.conf\n', '');
  expect(back).toBe(ARTICLE);
});

test('other instances, and a check that they share, stay as they are', () => {
  const other = ARTICLE.slice(ARTICLE.indexOf('vrrp_instance'))
    .replace('VI_1', 'VI_2')
    .replace('10.79.0.100', '10.79.0.200');
  const found = takeOver(`${ARTICLE}${other}`, WANTED);
  if (found.kind !== 'possible') throw new Error('refused');
  expect(keywords(found.text)).toEqual([
    'global_defs',
    'vrrp_script check_pg_alived',
    'include /etc/keepalived/primacy.conf',
    'vrrp_instance VI_2',
  ]);
});

test.each<[string, string, Partial<WantedInstance>, string]>([
  [
    'another prefix length',
    ARTICLE,
    { vip: '10.79.0.100/24' },
    'carries 10.79.0.100/32, primacy.yml has vip: 10.79.0.100/24',
  ],
  ['another router id', ARTICLE, { vrid: 51 }, 'virtual_router_id is 10, primacy.yml has vrid: 51'],
  ['another interface', ARTICLE, { interface: 'eth1' }, 'interface is eth0, primacy.yml has interface: eth1'],
  [
    'another transport',
    ARTICLE,
    { transport: 'unicast' },
    'talks multicast, primacy.yml has keepalived.transport: unicast',
  ],
  [
    'another name',
    ARTICLE,
    { name: 'primacy' },
    'its instance VI_1 carries the VIP: primacy.yml needs keepalived.vrrpInstance: VI_1',
  ],
  [
    'a second address',
    ARTICLE.replace('10.79.0.100 ', '10.79.0.100\n10.79.0.101 '),
    {},
    'carries 10.79.0.100/32, 10.79.0.101/32',
  ],
  [
    'addresses beside',
    ARTICLE.replace('notify_fault', 'virtual_routes {\n}\nnotify_fault'),
    {},
    'has virtual_routes',
  ],
  ['a group', `${ARTICLE}vrrp_sync_group G {\ngroup {\nVI_1\n}\n}\n`, {}, 'is in vrrp_sync_group G'],
])('%s is refused', (_case, text, wanted, words) => {
  expect(reason(text, wanted)).toContain(words);
});

test('a file without the instance and without the VIP is nobody\u2019s to take over', () => {
  expect(reason('global_defs {\n}\n')).toBe('absent');
});
