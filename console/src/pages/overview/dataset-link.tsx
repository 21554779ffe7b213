/** The name of a dataset, which leads to its page if the role opens it. */
import { Link } from '@tanstack/react-router';
import { useMay } from '../../session/session-context.tsx';
import styles from './overview.module.css';

export function DatasetLink({ name }: { readonly name: string }) {
  const mayOpen = useMay('datasets:read');
  if (!mayOpen || name === '')
    return <span className={styles.name}>{name === '' ? 'a dataset that is gone' : name}</span>;
  return (
    <Link className={styles.name} to="/datasets/$name" params={{ name }}>
      {name}
    </Link>
  );
}
