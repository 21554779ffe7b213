/** Definitions that must be refused, with what each answer must say. */
import type { Definition } from './definition-doors.ts';

export type BadDefinition = readonly [Definition, RegExp];

type Settings = Definition['settings'];

const newSegment = (settings: Settings, name = 'New'): Definition => {
  return { kind: 'segments', name, settings: { rule: 'true', ...settings } };
};
const computed = (settings: Settings, name = 'new'): Definition => {
  return { kind: 'computed_fields', name, settings: { rule: 'true', ...settings } };
};
const flow = (settings: Settings, name = 'New'): Definition => {
  return { kind: 'flows', name, settings: { segment: 'Buyers', ...settings } };
};
const group = (...shares: (readonly [flow: string, share: number])[]): Definition => {
  const flows = shares.map(([name, share]) => ({ flow: name, share }));
  return { kind: 'exclusion_groups', name: 'Others', settings: { flows } };
};
const holdout = (settings: Settings): Definition => {
  return { kind: 'global_holdout', name: '', settings };
};
const edit = (kind: Definition['kind'], name: string, settings: Settings): Definition => {
  return { kind, name, settings, isEdit: true };
};
const rule = (text: string) => newSegment({ rule: text });
const weights = (...all: number[]) =>
  flow({ variants: all.map((weight, at) => ({ name: `v${at}`, weight })) });
const variant = (name: string) => flow({ variants: [{ name, weight: 100 }] });
const branch = (text: string, name = 'A') => flow({ branches: [{ rule: text, variant: name }] });
const nested = (open: string, close = '') =>
  rule(`${open.repeat(1_000)}1 > 2${close.repeat(1_000)}`);

export const badRules: readonly BadDefinition[] = [
  [rule('total_spend >'), /Line 1, column 14: The rule ends, but a value is missing/],
  [rule('true &&\n  total_spend >> 5'), /Line 2, column 16: Unexpected/],
  [rule('true // only\n && ('), /Line 2, column 6: The rule ends/],
  [rule('"open'), /Line 1, column 1: .* no closing quote/],
  [rule('  '), /The rule is empty|Give a string of 1 to/],
  [rule('\u202etrue'), /Line 1, column 1: The character U\+202E/],
  [rule('total_spend == "x"'), /Line 1, column 16: A number and a text cannot be compared/],
  [rule('first_name == 5'), /Line 1, column 15: .* Did you mean \\?"5/],
  [rule('total_spend'), /gives true or false, and this one gives a number\. Compare it/],
  [rule('first_name == null'), /Did you mean !has\(first_name\)\?/],
  [rule('total_spendd > 5'), /There is no field \\?"total_spendd\\?"\. Did you mean total_spend\?/],
  [rule('true\n&& in_segment("Byers")'), /Line 2, column 15: .*Did you mean \\?"Buyers/],
  [rule('in_list("pres")'), /Did you mean \\?"press/],
  [rule('in_segmnt("Buyers")'), /There is no function .* Did you mean in_segment\?/],
  [rule('first_name.matches("(a+)+$")'), /column 11: A rule has no regular expressions\. Use/],
  [nested('(', ')'), /nested more than 100 levels deep\. Split it into segments/],
  [nested('abs(', ')'), /nested more than 100 levels deep/],
  [nested('-'), /nested more than 100 levels deep/],
  [nested('true ? true : '), /nested more than 100 levels deep/],
  [nested('1 + '), /nested more than 100|more than 1000 values and operators/],
  [rule(`first_name == "${'x'.repeat(70_000)}"`), /longer than 65536|65536 characters/],
  [rule(`total_spend in [1.0${',1.0'.repeat(2_000)}]`), /more than 1000 values.*in_list/],
  [computed({ rule: 'citi' }), /There is no field \\?"citi\\?"\. Did you mean city\?/],
  [computed({ rule: 'total_spend', type: 'string' }), /\/?type: .* Give one of the types currency/],
  [computed({ rule: 'total_spend + yen', type: 'currency' }), /JPY/],
  [branch('citi == "Bern"'), /branches\/0\/rule: Line 1, column 1: .*Did you mean city/],
  [branch('total_spend'), /branches\/0\/rule: .*true or false/],
];

/** Larger than a body or a file may be. */
export const hugeRules: readonly BadDefinition[] = [
  [rule(`true${' '.repeat(10_000_000)}`), /longer than 65536 bytes|1048576 bytes|4194304 bytes/],
  [
    rule(`total_spend in [1.0${',1.0'.repeat(999_999)}]`),
    /longer than 65536 bytes|1048576 bytes|65536 characters/,
  ],
];

const same = { name: 'A', weight: 50 };
const inPercent = /percentage from|It must be a number|Give a number/;

export const badNumbers: readonly BadDefinition[] = [
  [weights(50, 40), /variants: The weights sum to 90, not to 100: add 10/],
  [weights(60, 60), /variants: The weights sum to 120, not to 100: take 20/],
  [weights(...new Array<number>(51).fill(1)), /50 (variants|items|entries)/],
  ...[-50, 0, Number.NaN, Number.POSITIVE_INFINITY, 1e308, 0.001].map((weight): BadDefinition => {
    return [weights(100, weight), /variants\/1\/weight: |--variant.*Give a number/];
  }),
  ...[-1, Number.NaN, 1e308, 100.5, 0.001].flatMap((percent): BadDefinition[] => [
    [flow({ variants: [{ name: 'A', weight: 100 }], holdout: percent }), inPercent],
    [holdout({ percent }), inPercent],
    [group(['Tiers', percent]), /flows\/0\/share: |--flow.*Give a number/],
  ]),
  [flow({ holdout: 5 }), /holdout: A holdout needs variants or branches/],
  [group(['Tiers', 60], ['Free', 60]), /flows: The shares sum to 120.* take 20/],
  ...[0, -1, 1.5, 1e308, Number.NaN].flatMap((id): BadDefinition[] => [
    [newSegment({ id }), /id: (Give a whole number|It must be)|--id.*Give a number/],
    [flow({ id }), /id: (Give a (whole )?number|It must be)|--id.*Give a number/],
  ]),
];

/** Weights, shares and percentages out of their bounds, with the sentence of every door. */
export const badPercents: readonly BadDefinition[] = [-50, -0.01, 0.001, 100.01, 1e308].flatMap(
  (percent): BadDefinition[] => [
    [weights(100, percent), ofPercent('variants/1/weight', '0.01')],
    [group(['Tiers', percent]), ofPercent('flows/0/share', '0.01')],
    [flow({ variants: [{ name: 'A', weight: 100 }], holdout: percent }), ofPercent('holdout', '0')],
    [holdout({ percent }), ofPercent('percent', '0')],
  ],
);

/** No weight and no share is zero. A holdout can be. */
export const zeroPercents: readonly BadDefinition[] = [
  [weights(100, 0), ofPercent('variants/1/weight', '0.01')],
  [group(['Tiers', 0]), ofPercent('flows/0/share', '0.01')],
];

function ofPercent(place: string, least: string): RegExp {
  const from = least.replace('.', '\\.');
  return new RegExp(`${place}: Give a percentage from ${from} to 100 with at most two decimals\\.`);
}

export const badReferences: readonly BadDefinition[] = [
  [flow({ segment: 'Byers' }), /segment: There is no segment Byers\. Did you mean Buyers\?/],
  [flow({ unit: 'emial' }), /unit: .* Did you mean email\?/],
  [group(['Tirs', 5]), /flows\/0\/flow: There is no flow Tirs\. Did you mean Tiers\?/],
  [group(['Spring', 5]), /group Mails too/],
  [group(['Tiers', 5], ['Tiers', 5]), /flows\/1\/flow: The flow is named twice/],
  [holdout({ unit: 'emial' }), /unit: .* Did you mean email\?/],
  [computed({}, 'city'), /already exists|A dataset fills a field of this name/],
  [computed({}, 'segment_membership'), /built-in name/],
  [edit('segments', 'Buyers', { rule: 'in_segment("VIPs")' }), /Buyers → segment VIPs → segment B/],
  [edit('segments', 'Buyers', { rule: 'in_flow(142309)' }), /segment Buyers → flow Spring → seg/],
  [edit('segments', 'Buyers', { rule: 'is_buyer' }), /→ computed field is_buyer → segment Buyers/],
  [
    edit('computed_fields', 'tier', { rule: 'in_segment("VIPs") ? "a" : "b"' }),
    /tier → segment VI/,
  ],
  [edit('flows', 'Spring', { segment: 'Reached' }), /flow Spring → segment Reached → flow Spring/],
  [
    edit('flows', 'Tiers', { branches: [{ rule: 'in_flow(5)', variant: 'local' }] }),
    /branches\/0\/rule: The rule would use itself: flow Tiers → flow Tiers/,
  ],
  [
    edit('flows', 'Spring', { variants: [same, { name: 'C', weight: 50 }] }),
    /\\?"B\\?"\. A variant of a live flow cannot be renamed or removed: keep it, or pause/,
  ],
  [edit('flows', 'Spring', { variants: [{ name: 'A', weight: 100 }] }), /pause the flow first/],
  [edit('flows', 'Tiers', { otherwise: 'other' }), /\\?"rest\\?"\. A variant of a live flow/],
  [flow({ variants: [same, same] }), /variants\/1\/name: Two variants are named/],
];

const badNames: readonly string[] = [
  ...['', ' x', 'x ', '7', '<b>x</b>', '&lt;', 'a"b', 'a`b', 'a\\b', 'a\tb', 'a\nb', 'a\u0000b'],
  ...['a\u001b[31mb', 'a\u202eb', 'a\u2066b', 'a\u200bb', 'a\u2028b', '\ufeffa', 'e\u0301'],
  'x'.repeat(10_240),
];
/** The contract answers some names before the rules of names are asked. */
const nameWords =
  /A name has|The name of a field has|must have 1 to 64 characters|not have (the character|control)|not have (more|fewer) than|not a valid name|path is not|two names|Give|members/;

export const badNameDefinitions: readonly BadDefinition[] = [
  ...badNames.flatMap((name): BadDefinition[] => [
    [newSegment({}, name), nameWords],
    [flow({}, name), nameWords],
    [{ ...group(['Tiers', 5]), name }, nameWords],
    [computed({}, name), nameWords],
  ]),
  ...['<i>', 'a\u202eb', 'a\u0007b', '', ' ', 'x'.repeat(10_240)].flatMap(
    (name): BadDefinition[] => [
      [variant(name), /variants?\/0\/name|variant <name=percent>/],
      [branch('true', name), /branches\/0\/variant|branch <name=rule>/],
    ],
  ),
];
