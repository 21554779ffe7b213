/** Every command to copy is made here, so that it works on the organization that is open. */
import { useSession } from '../session/session-context.tsx';
import { shellText } from './shell-text.ts';

/** @param words of a command that takes `--organization`, such as `import`, `people.csv` */
type CommandOf = (...words: readonly string[]) => string;

export function useCommand(): CommandOf {
  const { name } = useSession().organization;
  const flags = name === usualOrganization ? [] : ['--organization', name];
  return (...words) => ['npx', 'usher', ...words, ...flags].map(shellText).join(' ');
}

/** Which commands work on without `--organization`. */
const usualOrganization = 'default';
