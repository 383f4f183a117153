/** The VIP as this host's kernel has it, as another host answers for it, and whether the gate lets keepalived carry it. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Presence is a fact of this scrape; the probe runs in the background and carries its own moment. */
export function vipMetrics(view: ScrapeView): readonly MetricSample[] {
  const { vip, vipPresent, vipProbe, gateOpen } = view;
  const samples: MetricSample[] = [];
  if (vipPresent.kind === 'known') {
    const { present, interface: where } = vipPresent.value;
    samples.push(metric('primacy_vip_present', present ? 1 : 0, { vip, interface: where ?? view.interface }));
  }
  if (vipProbe.kind === 'known') {
    samples.push(
      metric('primacy_vip_answers', vipProbe.value.answered ? 1 : 0, { vip }),
      metric('primacy_vip_answers_timestamp_seconds', vipProbe.value.endedAt, { vip }),
    );
  }
  if (gateOpen?.kind === 'known') samples.push(metric('primacy_gate_open', gateOpen.value ? 1 : 0));
  return samples;
}
