/** What every runbook must have: its alert as title, four sections in order, and commands that say where they run. */
import { readShellBlocks } from './shell-blocks.ts';

const SECTIONS = ['Meaning', 'Impact', 'Diagnosis', 'Mitigation'];
const PLACES = ['database', 'monitoring'];

/** Faults of one runbook, each as a sentence that names it. */
export function checkRunbook(alert: string, text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const titles = [...prose.matchAll(/^# (.+)$/gm)].map((match) => match[1]);
  const sections = [...prose.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  const blocks = readShellBlocks(text);
  const rules: readonly [boolean, string][] = [
    [titles.join() === alert, `the title must be "# ${alert}"`],
    [sections.join() === SECTIONS.join(), `sections must be ${SECTIONS.join(', ')}`],
    [blocks.length > 0, 'there is no command to run'],
    [blocks.every((block) => PLACES.includes(block.on)), `each sh block needs on=${PLACES.join(' or on=')}`],
  ];
  return rules.filter(([met]) => !met).map(([, fault]) => `${alert}.md: ${fault}`);
}
