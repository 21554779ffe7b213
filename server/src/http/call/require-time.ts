/** Times in queries. */
import { parseMoment } from '../../administration/duration.ts';
import { UsherError } from '../../domain/errors.ts';

/**
 * Milliseconds since the epoch; `undefined` for a missing parameter.
 * @throws UsherError `parameter_invalid` for times that no calendar has
 */
export function requireTime(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const timeMs = parseMoment(text, 0);
  if (timeMs !== undefined) return timeMs;
  const detail = `The parameter ${name} is invalid. Give a time, such as 2026-11-29T08:00:00Z.`;
  throw new UsherError('parameter_invalid', detail, { members: { parameter: name } });
}
