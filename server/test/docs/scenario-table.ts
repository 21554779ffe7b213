/**
 * The table of scenarios in `docs/identities.md`. The column of words is made by hand; what is
 * written and who answers then come from the scenarios that tests play. `npm run docs` writes it.
 */
import { ModelTrial } from '../identities/identity-trial.ts';
import { joinScenarios } from '../identities/join-scenarios.ts';
import { rowScenarios } from '../identities/row-scenarios.ts';
import { playScenario, type Scenario, usualSettings } from '../identities/scenario.ts';
import { RecordingTrial } from './recording-trial.ts';

export const identitiesPath = 'docs/identities.md';

const heading = '\n## Scenarios\n';

/** Names of identity types as the page writes them. */
const longNames: Readonly<Record<string, string>> = { no: 'number', em: 'email', ph: 'phone' };

/** The page with the table of scenarios as the tests play them. */
export async function identitiesPage(page: string): Promise<string> {
  const start = page.indexOf(heading) + heading.length;
  const [section = '', ...rest] = page.slice(start).split(/^(?=## )/m);
  const words = new Map(
    [...section.matchAll(/^\| (\d+) \| (.*?) \|/gm)].map(([, number, text = '']) => [
      Number(number),
      text,
    ]),
  );
  const prose = section.replace(/\n(?:\|.*\n)+/g, '').trim();
  const table = ['| # | what happens | written | who answers then |', '| --- | --- | --- | --- |'];
  for (const scenario of numberedScenarios()) {
    const cells = await cellsOf(scenario, words);
    if (cells !== undefined) table.push(`| ${cells.join(' | ')} |`);
  }
  const parts = [page.slice(0, start), prose, `${table.join('\n')}\n`, rest.join('')];
  return `${parts
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

function numberedScenarios(): Scenario[] {
  return [...rowScenarios, ...joinScenarios]
    .filter(({ number }) => number !== undefined)
    .sort((one, other) => (one.number ?? 0) - (other.number ?? 0));
}

/** `undefined`: something is erased, which the page does not explain. */
async function cellsOf(
  scenario: Scenario,
  words: ReadonlyMap<number, string>,
): Promise<readonly string[] | undefined> {
  const { number = 0, name, settings = usualSettings } = scenario;
  const trial = new RecordingTrial(new ModelTrial(settings));
  await playScenario(scenario, trial);
  if (trial.hasErased) return undefined;
  const stable = settings.types.find(({ isStable }) => isStable);
  const rules = [
    ...(stable === undefined ? [] : [`\`${stable.name}\` is stable`]),
    ...(settings.trust.length === 0 ? [] : [`trust: ${settings.trust.join(', ')}`]),
  ];
  const written = [...rules, trial.written.join('; then ')].join('; ');
  const told = [written, answersOf(scenario)].map((text) =>
    text.replace(/(?<=[` ])(?:no|em|ph)(?=[:`])/g, (type) => longNames[type] ?? type),
  );
  return [`${number}`, words.get(number) ?? name, ...told];
}

/** Identities with one answer stand together. */
function answersOf({ answers }: Scenario): string {
  const byAnswer = Map.groupBy(Object.entries(answers), ([, answer]) => answer);
  return [...byAnswer]
    .map(([answer, entries]) => {
      const identities = entries.map(([identity]) => `\`${identity.replace('#', 'id:#')}\``);
      return `${identities.join(', ')}: ${answer}`;
    })
    .join('; ');
}
