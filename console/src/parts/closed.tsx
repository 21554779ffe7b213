/** A page or a tab that the user's role does not open: what to do, and the way on. */

import { Link } from '@tanstack/react-router';
import { useSession } from '../session/session-context.tsx';
import { Card } from './card.tsx';
import { EmptyState } from './empty-state.tsx';
import { PageHead } from './page-head.tsx';

export function Closed({ what }: { readonly what: 'page' | 'tab' }) {
  const { role } = useSession().user;
  const title = `Your role ${role} does not open this ${what}`;
  const words = 'If you need it, ask an administrator for another role.';
  if (what === 'tab') {
    return (
      <Card title="Not for your role">
        <EmptyState title={title}>
          <span>{words}</span>
          <Link to="." search={{}}>
            Open the first tab
          </Link>
        </EmptyState>
      </Card>
    );
  }
  return (
    <>
      <PageHead title={title} facts={words} />
      <p>
        <Link to="/">Open the overview</Link>
      </p>
    </>
  );
}
