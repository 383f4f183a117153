/** Whether keepalived's own checks could still notice anything: they fail open, silently, when a file is lost. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** One series per check whose answer is known. */
export function keepalivedCheckMetrics(view: ScrapeView): readonly MetricSample[] {
  return view.keepalivedChecks.flatMap(({ check, intact }) =>
    intact.kind === 'known'
      ? [metric('primacy_keepalived_check_intact', intact.value ? 1 : 0, { check })]
      : [],
  );
}
