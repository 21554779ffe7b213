/** Who did something, inside of a sentence: "you", a name, or "a user". */
import { useSession } from '../session/session-context.tsx';
import { useLookers } from './use-lookers.ts';

/** Reads `user:ID`, `token:ID` and `operator:name`, as the audit log writes them. */
export function useAuthorWords(): (author: string) => string {
  const { user } = useSession();
  const lookers = useLookers();
  return (author) => {
    if (author === `user:${user?.id}`) return 'you';
    const { kind, name, isKnown } = lookers(author);
    if (kind === 'operator') return `${name}, on the server`;
    // An id says nothing to a person whose role sees no names.
    return isKnown ? name : `a ${kind}`;
  };
}
