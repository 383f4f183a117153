/** Goal: the webhook answers as its sender and its people need, whatever it is sent. Method: the real process over HTTP. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import {
  prepareResponder,
  removeResponder,
  startResponder,
  type ResponderProcess,
} from '../../support/responder-process.ts';
import { newFingerprint, webhookBody } from '../../support/webhook-body.ts';

let responder: ResponderProcess;

beforeAll(async () => {
  const port = await freePort();
  responder = await startResponder(await prepareResponder(port), port);
});

afterAll(async () => {
  await responder.kill();
  await removeResponder(responder.directory);
});

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${responder.url}/metrics`)).text();
  const line = text.split('\n').find((entry) => entry.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? Number.NaN);
};

describe('the webhook', () => {
  it('accepts a message and writes it down', async () => {
    const fingerprint = newFingerprint();
    const response = await responder.post(webhookBody({ cluster: 'main', fingerprint }));
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ accepted: true, newAlerts: 1 });
    const events = (await responder.events()).map((entry) => entry.event);
    expect(events).toContain('notification-received');
    await expect
      .poll(async () => (await responder.events()).map((entry) => entry.event))
      .toContain('notification-acknowledged');
  });

  it.each([
    ['no token', null],
    ['a wrong token', 'not-the-token'],
    ['an empty token', ''],
  ])('refuses %s with 401 and writes nothing down', async (_title, token) => {
    const before = (await responder.events()).length;
    const response = await responder.post(
      webhookBody({ cluster: 'main', fingerprint: newFingerprint() }),
      token,
    );
    expect(response.status).toBe(401);
    expect((await responder.events()).length).toBe(before);
  });

  it.each([
    ['not JSON', 'firing!', '$'],
    ['an empty body', '', '$'],
    [
      'another version',
      webhookBody({ cluster: 'main' }).replace('"version":"4"', '"version":"3"'),
      '$.version',
    ],
    [
      'a wrong status',
      webhookBody({ cluster: 'main' }).replace('[{"status":"firing"', '[{"status":"burning"'),
      '$.alerts[0].status',
    ],
    [
      'no start',
      webhookBody({ cluster: 'main' }).replace('"startsAt"', '"beginsAt"'),
      '$.alerts[0].startsAt',
    ],
  ])('refuses %s with 400 and the path', async (_title, body, path) => {
    const response = await responder.post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid', path } });
  });

  it('refuses more than one megabyte with 413', async () => {
    const response = await responder.post(`"${'x'.repeat(1024 * 1024)}"`);
    expect(response.status).toBe(413);
    expect(await metric('primacy_responder_notifications_total{outcome="too_large"}')).toBe(1);
  });

  it('accepts a message with a field that it does not know', async () => {
    const body = JSON.parse(webhookBody({ cluster: 'main', fingerprint: newFingerprint() })) as object;
    const response = await responder.post(JSON.stringify({ ...body, notification_reason: 'first' }));
    expect(response.status).toBe(202);
  });

  it('takes a repeat as a repeat', async () => {
    const body = webhookBody({ cluster: 'main', fingerprint: newFingerprint() });
    expect(await (await responder.post(body)).json()).toMatchObject({ newAlerts: 1 });
    await expect.poll(async () => (await responder.events()).at(-1)?.event).not.toBe('notification-received');
    const received = (await responder.events()).filter(
      (entry) => entry.event === 'notification-received',
    ).length;
    const repeat = await responder.post(body);
    expect(repeat.status).toBe(202);
    expect(await repeat.json()).toMatchObject({ newAlerts: 0 });
    expect((await responder.events()).filter((entry) => entry.event === 'notification-received').length).toBe(
      received,
    );
  });

  it('accepts a truncated message and says so', async () => {
    const before = await metric('primacy_responder_truncated_notifications_total');
    await responder.post(webhookBody({ cluster: 'main', fingerprint: newFingerprint(), truncatedAlerts: 2 }));
    const details = (await responder.events()).map((entry) => JSON.stringify(entry.detail));
    expect(details.some((detail) => detail.includes('"truncatedAlerts":2'))).toBe(true);
    expect(await metric('primacy_responder_truncated_notifications_total')).toBe(before + 1);
  });

  it('records and reports a cluster that it does not know, in journal, page and metric', async () => {
    const stranger = 'somebody-elses';
    const response = await responder.post(webhookBody({ cluster: stranger, fingerprint: newFingerprint() }));
    expect(response.status).toBe(202);
    expect((await responder.events()).map((entry) => entry.event)).toContain('alert-of-unknown-cluster');
    expect(await (await fetch(responder.url)).text()).toContain(stranger);
    expect(await metric('primacy_responder_alerts_of_unknown_cluster_total')).toBeGreaterThan(0);
  });

  it('shows a label as text, never as HTML', async () => {
    const evil = '<script>alert(1)</script>';
    await responder.post(webhookBody({ cluster: evil, alertname: evil, fingerprint: newFingerprint() }));
    const page = await (await fetch(responder.url)).text();
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script');
  });
});

describe('the pages', () => {
  it('show each runbook under the name of its alert', async () => {
    const page = await (await fetch(`${responder.url}/runbooks/PostgresDualPrimary`)).text();
    const source = await readFile('runbooks/PostgresDualPrimary.md', 'utf8');
    expect(source).toContain('## Mitigation');
    expect(page).toContain('<h2>Mitigation</h2>');
  });

  it.each(['NoSuchAlert', '..%2fREADME', '%2e%2e%2fpackage', 'PostgresDualPrimary.md'])(
    'know no runbook called %s',
    async (name) => {
      expect((await fetch(`${responder.url}/runbooks/${name}`)).status).toBe(404);
    },
  );

  it('name nodes that give no answer, and why', async () => {
    const page = await (await fetch(responder.url)).text();
    expect(page).toContain('no host key is pinned');
  });

  it('forbid scripts by their header', async () => {
    const { headers } = await fetch(responder.url);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  it('say that the process lives and is ready', async () => {
    expect((await fetch(`${responder.url}/-/healthy`)).status).toBe(200);
    expect((await fetch(`${responder.url}/-/ready`)).status).toBe(200);
  });
});
