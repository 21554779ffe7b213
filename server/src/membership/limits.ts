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

/** Characters of a text that a rule joins from others; a longer one is null. */
export const maxJoinedText = 65_536;
