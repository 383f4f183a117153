/** Bench `scrape`: our agent beside Debian's prometheus-postgres-exporter on one PostgreSQL, scraped in turn, a write before each scrape. */
import { spawn, type ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { keepalivedConfiguration } from '../../src/config/generate/keepalived.ts';
import { findNode, loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/world/clock.ts';
import { createPlayground, ROLE_PASSWORD, type TestServer } from '../support/postgres-cluster.ts';
import { cpuSeconds, peakMegabytes, residentMegabytes } from './process-usage.ts';
import { percentile } from './statistics.ts';
import { measureOnce, waitUntilServing, type Subject } from './subject.ts';

const PRIMACY = fileURLToPath(new URL('../../src/cli/primacy.js', import.meta.url));
const ADDRESS = '10.78.0.1';
const EXPORTER_PORT = 9187;
const AGENT_PORT = 10_187;

const { values: options } = parseArgs({
  options: {
    scrapes: { type: 'string', default: '10000' },
    soak: { type: 'string', default: '0' },
    'node-option': { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  },
});

interface Figures {
  readonly scrapes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsPerScrape: number;
  readonly residentMegabytes: number;
  readonly peakMegabytes: number;
}

/** Builds the host: an interface that can be probed by ARP, private /tmp and /run, and every folder a node has. */
function buildHost(): string {
  const run = (program: string, ...parameters: readonly string[]) => execFileSync(program, parameters);
  const home = mkdtempSync('/var/tmp/primacy-bench-');
  run('mount', '--make-rprivate', '/');
  mkdirSync(`${home}/tmp`);
  run('chmod', '1777', `${home}/tmp`);
  run('chmod', '755', home);
  run('mount', '--bind', `${home}/tmp`, '/tmp');
  run('mount', '-t', 'tmpfs', 'tmpfs', '/run');
  mkdirSync('/run/primacy');
  run('ip', 'link', 'set', 'lo', 'up');
  run('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far0');
  run('ip', 'addr', 'add', `${ADDRESS}/24`, 'dev', 'eth0');
  run('ip', 'link', 'set', 'eth0', 'up');
  run('ip', 'link', 'set', 'far0', 'up');
  return home;
}

function daemon(
  home: string,
  name: string,
  program: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const log = openSync(`${home}/${name}.log`, 'a');
  return spawn(program, parameters, {
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });
}

async function startSubjects(home: string, server: TestServer): Promise<readonly [Subject, Subject]> {
  const configFile = `${home}/primacy.yml`;
  const { port, dataDirectory, configFile: postgresConfig, passwordFile } = server.postgres;
  writeFileSync(
    configFile,
    JSON.stringify({
      clusters: [
        {
          name: 'bench',
          vip: '10.78.0.100/24',
          interface: 'eth0',
          vrid: 51,
          postgres: { port, dataDirectory, configFile: postgresConfig, passwordFile },
          keepalived: { configFile: `${home}/keepalived.conf` },
          nodes: [
            { name: 'bench1', addresses: [ADDRESS] },
            { name: 'bench2', addresses: ['10.78.0.2'] },
          ],
        },
      ],
    }),
  );
  const { cluster, node } = findNode(await loadConfig(configFile), 'bench1');
  writeFileSync(`${home}/keepalived.conf`, keepalivedConfiguration(cluster, node), { mode: 0o644 });
  writeFileSync('/run/primacy/gate', '1\n');
  const pids = ['-p', '/run/keepalived.pid', '-r', '/run/vrrp.pid', '-c', '/run/checkers.pid'];
  daemon(
    home,
    'keepalived',
    'keepalived',
    ['-n', '-l', '-D', '-G', '-P', '-f', `${home}/keepalived.conf`, ...pids],
    {},
  );
  const agent = daemon(
    home,
    'agent',
    process.execPath,
    [...options['node-option'], PRIMACY, 'agent', '--config', configFile, '--node', 'bench1'],
    { PRIMACY_STATE_DIR: `${home}/state` },
  );
  const password = encodeURIComponent(ROLE_PASSWORD);
  const exporter = daemon(
    home,
    'exporter',
    'prometheus-postgres-exporter',
    [`--web.listen-address=127.0.0.1:${EXPORTER_PORT}`],
    {
      DATA_SOURCE_NAME: `postgresql://primacy:${password}@127.0.0.1:${port}/postgres?sslmode=disable`,
    },
  );
  const subject = (name: string, port_: number, process_: ChildProcess, freshSeries: string): Subject => ({
    name,
    url: `http://127.0.0.1:${port_}/metrics`,
    process: process_,
    freshSeries,
    latenciesMs: [],
    lastFresh: -1,
  });
  return [
    subject('primacy agent', AGENT_PORT, agent, 'primacy_pg_current_lsn_bytes'),
    subject(
      'prometheus-postgres-exporter',
      EXPORTER_PORT,
      exporter,
      `pg_stat_database_tup_inserted{datid="5",datname="postgres",server="127.0.0.1:${port}"}`,
    ),
  ];
}

async function measure(
  subjects: readonly [Subject, Subject],
  writer: Client,
  scrapes: number,
): Promise<readonly Figures[]> {
  const processIds = subjects.map((subject) => subject.process.pid ?? 0);
  const before = processIds.map(cpuSeconds);
  for (let round = 0; round < scrapes; round += 1) {
    // The order alternates, so that neither always finds the caches that the other warmed.
    const order = round % 2 === 0 ? subjects : [subjects[1], subjects[0]];
    for (const subject of order) {
      await writer.query('insert into bench_row default values');
      await writer.query('select pg_stat_force_next_flush()');
      await measureOnce(subject);
    }
    if ((round + 1) % 1000 === 0) process.stderr.write(`${round + 1} of ${scrapes} scrapes each\n`);
  }
  return subjects.map((subject, index) => ({
    scrapes,
    p50Ms: percentile(subject.latenciesMs, 0.5),
    p99Ms: percentile(subject.latenciesMs, 0.99),
    cpuMsPerScrape: ((cpuSeconds(processIds[index] ?? 0) - (before[index] ?? 0)) / scrapes) * 1000,
    residentMegabytes: residentMegabytes(processIds[index] ?? 0),
    peakMegabytes: peakMegabytes(processIds[index] ?? 0),
  }));
}

/** Scrapes our agent once a second for so long, and gives its memory then. Throws where it stopped answering. */
async function soak(subject: Subject, writer: Client, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let nextReport = performance.now() + 300_000;
  while (performance.now() < end) {
    await writer.query('insert into bench_row default values');
    await measureOnce(subject);
    if (performance.now() > nextReport) {
      nextReport += 300_000;
      const left = Math.round((end - performance.now()) / 1000);
      process.stderr.write(
        `soak: ${residentMegabytes(subject.process.pid ?? 0).toFixed(1)} MB, ${left} s left\n`,
      );
    }
    await systemClock.wait(1000);
  }
  return residentMegabytes(subject.process.pid ?? 0);
}

function table(names: readonly string[], figures: readonly Figures[]): string {
  const rows = figures.map(
    (it, index) =>
      `| ${names[index]} | ${it.scrapes} | ${it.p50Ms.toFixed(2)} | ${it.p99Ms.toFixed(2)} | ${it.cpuMsPerScrape.toFixed(2)} | ${it.residentMegabytes.toFixed(1)} | ${it.peakMegabytes.toFixed(1)} |`,
  );
  return [
    '| exporter | scrapes | p50 ms | p99 ms | CPU ms per scrape | RSS MB | peak MB |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

async function main(): Promise<void> {
  const home = buildHost();
  const playground = await createPlayground();
  try {
    const server = await playground.createPrimary('bench');
    const subjects = await startSubjects(home, server);
    const writer = new Client({
      host: server.socketDirectory,
      port: server.postgres.port,
      user: 'postgres',
      database: 'postgres',
    });
    await writer.connect();
    await writer.query('create table bench_row (id bigserial primary key)');
    for (const subject of subjects) await waitUntilServing(subject);
    const figures = await measure(subjects, writer, Number(options.scrapes));
    const soakSeconds = Number(options.soak);
    const soakMegabytes = soakSeconds > 0 ? await soak(subjects[0], writer, soakSeconds) : null;
    const names = subjects.map((subject) => subject.name);
    const ratio = (figures[0]?.p50Ms ?? NaN) / (figures[1]?.p50Ms ?? NaN);
    if (options.json) {
      process.stdout.write(
        `${JSON.stringify({ figures: Object.fromEntries(names.map((name, index) => [name, figures[index]])), p50Ratio: ratio, soakSeconds, soakMegabytes })}\n`,
      );
    } else {
      process.stdout.write(`${table(names, figures)}\n\np50 ratio ${ratio.toFixed(2)}\n`);
      if (soakMegabytes !== null)
        process.stdout.write(
          `agent after ${soakSeconds} s more at one scrape a second: ${soakMegabytes.toFixed(1)} MB\n`,
        );
    }
    await writer.end();
    for (const subject of subjects) subject.process.kill('SIGKILL');
  } finally {
    await playground.remove();
    execFileSync('umount', ['/tmp']);
    execFileSync('rm', ['-rf', '--one-file-system', home]);
  }
  process.exit(0);
}

await main();
