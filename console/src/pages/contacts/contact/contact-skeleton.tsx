/** The shape of a contact that is being read. */
import { Card } from '../../../parts/card.tsx';
import { PageHead } from '../../../parts/page-head.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { contactTitle } from './contact-name.ts';
import styles from './contact-page.module.css';

export function ContactSkeleton({ id }: { readonly id: string }) {
  return (
    <>
      <PageHead
        title="Contact"
        windowTitle={contactTitle(id)}
        crumbs={['Contacts', <code key="id">{id.slice(0, 13)}</code>]}
      />
      <div className={styles.columns}>
        <div className={styles.column}>
          <Card title="Fields">
            <SkeletonRows count={9} />
          </Card>
        </div>
        <div className={styles.column}>
          <Card title="Identities">
            <SkeletonRows count={3} />
          </Card>
        </div>
      </div>
    </>
  );
}
