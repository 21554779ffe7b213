/** How do I sign in, and where am I signed in? */
import { PageHead } from '../../parts/page-head.tsx';
import { useSession } from '../../session/session-context.tsx';
import styles from './account.module.css';
import { OwnSessionsCard } from './own-sessions-card.tsx';
import { PasswordCard } from './password-card.tsx';
import { ProviderCard } from './provider-card.tsx';
import { TotpCard } from './totp-card.tsx';

export function AccountPage() {
  const { name, email, role, role_from_groups: isByGroups } = useSession().user;
  const names = name === email ? email : `${name}, ${email}`;
  return (
    <>
      <PageHead title="Your account" facts={`${names}, ${role}`} />
      <div className={styles.cards}>
        {isByGroups ? (
          <div className={styles.whole}>
            <ProviderCard />
          </div>
        ) : (
          <>
            <PasswordCard />
            <TotpCard />
          </>
        )}
        <div className={styles.whole}>
          <OwnSessionsCard />
        </div>
      </div>
    </>
  );
}
