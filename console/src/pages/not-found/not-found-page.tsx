/** The page for an address that leads nowhere. */
import { Link } from '@tanstack/react-router';
import { PageHead } from '../../parts/page-head.tsx';

export function NotFoundPage() {
  return (
    <main style={{ padding: 'var(--page-margin)' }}>
      <PageHead title="There is nothing at this address" />
      <p>
        The link may be old, or your role may not open it. <Link to="/">Open the overview</Link>
      </p>
    </main>
  );
}
