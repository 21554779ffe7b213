/** How many members of flows a change would move. */
import { useFormats } from '../format/use-formats.ts';
import table from './plain-table.module.css';

export type Moves = readonly {
  readonly name: string;
  readonly members: number;
  readonly moved: number;
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
        {moves.map(({ name, members, moved }) => (
          <tr key={name}>
            <td>{name}</td>
            <td className={table.number}>{formats.count(members)}</td>
            <td className={table.number}>{formats.count(moved)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
