/** The demo's segments and flows, as a catalog document: flows that Usher computes, by e-mail. */

/**
 * The slots of an e-mail are the same in every data folder, so Tom is in Variant A everywhere. Ids
 * of contacts are random.
 */
export const demoDefinitions = {
  version: 1,
  segments: {
    'Newsletter readers': { id: 12, rule: 'newsletter' },
    'Good customers': {
      id: 31,
      description: 'bought often, and for more than 200 dollars',
      rule: 'order_count >= 3 && total_lifetime_value_jde > 200.0',
    },
  },
  flows: {
    Welcome: { id: 142_309, segment: 'Newsletter readers', status: 'live' },
    'Autumn prices': {
      id: 203_850,
      segment: 'Good customers',
      status: 'live',
      unit: 'email',
      variants: [
        { name: 'Variant A', weight: 50 },
        { name: 'Variant B', weight: 50 },
      ],
      holdout: 5,
    },
  },
};
