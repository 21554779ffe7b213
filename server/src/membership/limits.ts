/** Limits of rules. They bound the work of saving a rule, and of each evaluation. */

/** Bytes of a rule's text. It is checked before the text is parsed: 64 KiB parse in about 10 ms. */
export const maxRuleBytes = 65_536;

/**
 * Values, operators and calls of a rule, the values of lists included. A rule that people can read
 * has fewer than 50.
 */
export const maxRuleNodes = 1_000;

/** How deep brackets, calls and operators may be nested. A chain of && or of || counts once. */
export const maxRuleDepth = 100;

/** Arguments of a call: as many as `coalesce` needs for a field from 30 sources. */
export const maxRuleArguments = 32;

/**
 * How deep a rule may be nested together with what it uses, and so on: 20 definitions in a chain
 * (`maxUseDepth`) take up to 2,020 levels. The smallest stack has room for about 8,000.
 */
export const maxTotalDepth = 2_100;

/** Days that `days(n)` may move a date: the years 1 to 9999 have 3.65 million. */
export const maxDays = 3_700_000;

/**
 * Work of all rules for one contact in one answer, in units of about 12 ns: about 50 ms. A
 * character that a search compares costs up to two units, a value or operator of a large rule costs
 * four. The largest text can be searched for a word about 240 times; texts that are
 * made for it, such as `aaa...`, then take up to 120 ms.
 */
export const maxRuleWork = 4_000_000;

/**
 * Work that the rules of one batch, or of one step of a walk over contacts, may take: about 0.2 s,
 * in which a thread answers nothing else.
 */
export const maxSharedWork = 16_000_000;

/** Rules with at most so many values and operators take no work: all of them together are quick. */
export const fewRuleNodes = 20;

/** Characters of a text that a rule joins from others; a longer one is null. */
export const maxJoinedText = 65_536;
