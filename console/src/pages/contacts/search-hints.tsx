/** The identity types by which a contact can be found, before anything is searched. */
import { useQuery } from '@tanstack/react-query';
import { call } from '../../api/call.ts';
import { Card } from '../../parts/card.tsx';
import { useMay } from '../../session/session-context.tsx';
import styles from './contacts-page.module.css';

export function SearchHints() {
  const seesTypes = useMay('settings:read');
  const { data } = useQuery({
    queryKey: ['identity-types'],
    queryFn: ({ signal }) => call('GET /admin/v1/identity-types', {}, signal),
    enabled: seesTypes,
  });
  if (data === undefined) return null;
  return (
    <Card title="What you can search for" note="The type is guessed. You can correct it.">
      <dl className={styles.hints}>
        {data.data.map(({ name, normalisation }) => (
          <div className={styles.hint} key={name}>
            <dt>{name}</dt>
            <dd>{examples[normalisation] ?? 'a text, as it is'}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

const examples: Readonly<Record<string, string>> = {
  email: 'an address such as tom@hello.com',
  'email-hash': 'the hash of an address, SHA-256 or MD5',
  phone: 'a number such as +1 425 555 0142',
  'contact-id': 'the id of a contact',
  exact: 'a number or a text, as it is',
};
