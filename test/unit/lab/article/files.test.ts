/** The article's files: every place is filled in, nothing else is mended but the quotation marks. */
import { expect, test } from 'vitest';
import { configSchema } from '../../../../src/config/schema.ts';
import { articleFiles } from '../../../../src/lab/article/files.ts';

const owner = { uid: 1, gid: 1 };

async function filesOfStandby(): Promise<ReadonlyMap<string, string>> {
  const nodes = [
    { name: 'pg1', addresses: ['192.0.2.1'], priority: 100 },
    { name: 'pg2', addresses: ['192.0.2.2'], priority: 80 },
  ];
  const { clusters } = configSchema.parse({
    clusters: [{ name: 'main', vip: '192.0.2.100/24', interface: 'eth7', vrid: 10, nodes }],
  });
  const node = clusters[0]?.nodes[1];
  if (clusters[0] === undefined || node === undefined) throw new Error('the cluster above has two nodes');
  const files = await articleFiles(clusters[0], node, owner);
  return new Map(files.map((file) => [file.path, file.content]));
}

test('keepalived.conf has the values of the site, and the times and weights of the article', async () => {
  const lines = (await filesOfStandby()).get('/etc/keepalived/keepalived.conf')?.split('\n') ?? [];
  const settings = lines.map((line) => line.replace(/ #.*$/, ''));
  expect(settings).toEqual(
    expect.arrayContaining([
      'router_id pg2',
      'script_user postgres',
      'interface eth7',
      'priority 80',
      '192.0.2.100',
      'interval 5',
      'weight 30',
      'fall 3',
      'nopreempt',
      'script "/etc/keepalived/check_pg.sh"',
      'notify_master "/etc/keepalived/failover.sh"',
      'notify_fault "/etc/keepalived/fault.sh"',
    ]),
  );
});

test('no place is left open and no typographic quotation mark is left', async () => {
  for (const [path, text] of await filesOfStandby()) {
    expect({ path, left: text.match(/@[A-Z_]+@|[“”‘’]/g) }).toEqual({ path, left: null });
  }
});

test('the scripts keep the mistakes they were published with', async () => {
  const files = await filesOfStandby();
  expect(files.get('/etc/keepalived/failover.sh')).toContain('elif [ $? eq 0 ];then');
  expect(files.get('/etc/keepalived/fault.sh')).toContain('LOGGFILE=');
  expect(files.get('/etc/keepalived/check_pg.sh')).toContain("if [ $db_role == 't' ];");
});
