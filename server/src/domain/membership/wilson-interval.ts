/** How many of all contacts are members, from how many of those drawn at random are. */

export interface Estimate {
  readonly members: number;
  /** The ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** The quantile of the normal distribution for 95 %. */
const z = 1.959964;

/**
 * The interval of Wilson, which also holds for shares near 0 and 1. If all contacts were drawn,
 * both of its ends are the count.
 */
export function estimateMembers(drawn: {
  readonly contacts: number;
  readonly members: number;
  /** Contacts of the organization. */
  readonly total: number;
}): Estimate {
  const { contacts, members, total } = drawn;
  if (contacts >= total) return { members, low: members, high: members };
  if (contacts === 0) return { members: 0, low: 0, high: total };
  const share = members / contacts;
  const weight = z ** 2 / contacts;
  const middle = (share + weight / 2) / (1 + weight);
  const half =
    (z * Math.sqrt((share * (1 - share)) / contacts + weight / (4 * contacts))) / (1 + weight);
  return {
    members: Math.round(share * total),
    // Those that were drawn are known.
    low: Math.max(members, Math.floor((middle - half) * total)),
    high: Math.min(total - (contacts - members), Math.ceil((middle + half) * total)),
  };
}
