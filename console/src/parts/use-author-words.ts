/** Who did something, inside of a sentence: "you", a name, "the operator" or "a user". */
import { useSession } from '../session/session-context.tsx';
import { useLookers } from './use-lookers.ts';

/**
 * Reads `user:ID`, `token:ID` and `operator:name`, as the audit log writes them. A name that the
 * server tells with the act is known to everybody who may see the act.
 */
export function useAuthorWords(): (author: string, toldName?: string | null) => string {
  const { user } = useSession();
  const lookers = useLookers();
  return (author, toldName) => {
    if (author === `user:${user?.id}`) return 'you';
    const { kind, name, isKnown } = lookers(author);
    if (kind === 'operator') return name === kind ? 'the operator' : `the operator ${name}`;
    // An id says nothing to a person whose role sees no names.
    return toldName ?? (isKnown ? name : `a ${kind}`);
  };
}
