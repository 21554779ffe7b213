/** A card of a page: a head with a title, then its content. */
import type { ReactNode } from 'react';
import styles from './card.module.css';

interface CardParts {
  readonly title: string;
  /** A few words beside the title. */
  readonly note?: ReactNode;
  /** At the right end of the head. */
  readonly actions?: ReactNode;
  readonly foot?: ReactNode;
  /** What the card says by its border. */
  readonly tone?: 'plain' | 'decide';
  readonly children: ReactNode;
}

export function Card({ title, note, actions, foot, tone = 'plain', children }: CardParts) {
  return (
    <section className={styles.card} data-tone={tone} aria-label={title}>
      <header className={styles.head}>
        <h2>{title}</h2>
        {note !== undefined && <span className={styles.note}>{note}</span>}
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
      {foot !== undefined && <footer className={styles.foot}>{foot}</footer>}
    </section>
  );
}
