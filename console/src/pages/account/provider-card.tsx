/** How users sign in whose role comes from groups: without the provider nobody knows the groups. */
import { Card } from '../../parts/card.tsx';
import { useSession } from '../../session/session-context.tsx';
import styles from './account.module.css';

export function ProviderCard() {
  const { user, methods } = useSession();
  const provider = methods.oidc?.name ?? 'the OpenID provider';
  return (
    <Card title="How you sign in">
      <div className={styles.body}>
        <p>{`Your role ${user.role} comes from your groups at ${provider}, so you sign in there.`}</p>
        <p className={styles.words}>
          Change your password and your second factor there, too. If you need a password here, ask
          an administrator to give you a role.
        </p>
      </div>
    </Card>
  );
}
