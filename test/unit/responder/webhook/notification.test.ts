/** Goal: what Alertmanager sends is understood, and what it does not send is refused with its place. Method: the recorded shape, changed. */
import { describe, expect, it } from 'vitest';
import { parseNotification } from '../../../../src/responder/webhook/notification.ts';
import { webhookBody } from '../../../support/webhook-body.ts';

type Message = { [key: string]: unknown; alerts: { [key: string]: unknown }[] };

function changed(change: (message: Message) => void): string {
  const message = JSON.parse(webhookBody({ cluster: 'main' })) as Message;
  change(message);
  return JSON.stringify(message);
}

describe('a message', () => {
  it('gives its alerts with what we need of them', () => {
    expect(parseNotification(webhookBody({ cluster: 'main', truncatedAlerts: 3 }))).toEqual({
      kind: 'parsed',
      notification: {
        groupKey: '{}:{}',
        truncatedAlerts: 3,
        alerts: [
          {
            status: 'firing',
            name: 'PostgresDualPrimary',
            cluster: 'main',
            node: null,
            startsAt: '2026-11-21T09:01:19.081Z',
            fingerprint: '6455eebccbc5e77c',
          },
        ],
      },
    });
  });

  it.each<[string, (message: Message) => void]>([
    ['has no alerts', (message) => (message.alerts = [])],
    ['lacks truncatedAlerts', (message) => delete message['truncatedAlerts']],
    ['has fields of a newer version', (message) => (message['notification_reason'] = 'first')],
    [
      'has a start with an offset',
      (message) => (message.alerts[0]!['startsAt'] = '2026-11-21T10:01:19+01:00'),
    ],
  ])('is accepted where it %s', (_title, change) => {
    expect(parseNotification(changed(change)).kind).toBe('parsed');
  });

  it.each<[string, (message: Message) => void, string]>([
    ['its version is a number', (message) => (message['version'] = 4), '$.version'],
    ['it has no version', (message) => delete message['version'], '$.version'],
    ['alerts is an object', (message) => (message['alerts'] = {} as never), '$.alerts'],
    ['an alert has no labels', (message) => delete message.alerts[0]!['labels'], '$.alerts[0].labels'],
    ['a label is a number', (message) => (message.alerts[0]!['labels'] = { a: 1 }), '$.alerts[0].labels.a'],
    ['a start is a word', (message) => (message.alerts[0]!['startsAt'] = 'now'), '$.alerts[0].startsAt'],
    [
      'a fingerprint is a path',
      (message) => (message.alerts[0]!['fingerprint'] = '../x'),
      '$.alerts[0].fingerprint',
    ],
    ['truncatedAlerts is negative', (message) => (message['truncatedAlerts'] = -1), '$.truncatedAlerts'],
    ['groupKey is missing', (message) => delete message['groupKey'], '$.groupKey'],
  ])('is refused with the path where %s', (_title, change, path) => {
    expect(parseNotification(changed(change))).toMatchObject({ kind: 'invalid', path });
  });

  it.each(['', 'null', '[]', '4', '{', '"text"'])('is refused where it is %j', (body) => {
    expect(parseNotification(body)).toMatchObject({ kind: 'invalid', path: '$' });
  });
});
