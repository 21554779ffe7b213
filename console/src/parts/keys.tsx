/** Keys to press, each in a frame. They are hints, and vanish in narrow windows. */
import styles from './keys.module.css';

export function Keys({ keys }: { readonly keys: readonly string[] }) {
  return (
    <span className={styles.keys} aria-hidden>
      {keys.map((key) => (
        <kbd className={styles.key} key={key}>
          {key}
        </kbd>
      ))}
    </span>
  );
}
