/** How many members of flows a change would move. */
import { useFormats } from '../format/use-formats.ts';
import table from './plain-table.module.css';

export type Moves = readonly {
  readonly name: string;
  readonly members: number;
  readonly moved: number;
  /** Half of a 95 % interval, or its ends; missing or alike: the count is exact. */
  readonly margin?: number;
  readonly moved_at_least?: number;
  readonly moved_at_most?: number;
}[];

export function MovesTable({ moves }: { readonly moves: Moves }) {
  const formats = useFormats();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Flow</th>
          <th scope="col" className={table.number}>
            Members
          </th>
          <th scope="col" className={table.number}>
            Would move
          </th>
        </tr>
      </thead>
      <tbody>
        {moves.map((move) => {
          const { name, members, moved } = move;
          const [from, to] = rangeOf(move);
          const about = from === to ? '' : 'about ';
          return (
            <tr key={name}>
              <td>{name}</td>
              <td className={table.number}>{`${about}${formats.count(members)}`}</td>
              <td className={table.number}>
                {`${about}${formats.count(moved)}`}
                {from !== to && (
                  <span className={table.second}>
                    {`${formats.count(from)} to ${formats.count(to)}`}
                  </span>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** A sample found some, so it cannot be none. */
function rangeOf({ moved, margin = 0, ...ends }: Moves[number]): readonly [number, number] {
  const { moved_at_least: from, moved_at_most: to } = ends;
  if (from !== undefined && to !== undefined) return [from, to];
  return [Math.max(Math.min(1, moved), moved - margin), moved + margin];
}
