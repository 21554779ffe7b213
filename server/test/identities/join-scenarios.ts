/** Scenarios about joins: by rows, by people, remembered, parted. */
import type { IdentitySettings } from './identity-state.ts';
import {
  backUp,
  merge,
  part,
  push,
  refusedMerge,
  restore,
  rollBack,
  run,
  runKilledAfterFirst,
  type Scenario,
  split,
  stableSettings,
  unmerge,
  usualSettings,
} from './scenario.ts';

/** The identity dataset is read in runs. */
const settingsWithLinks: IdentitySettings = {
  ...usualSettings,
  datasets: usualSettings.datasets.map((it) => {
    return it.name === 'same' ? { ...it, mode: 'snapshot' } : it;
  }),
};

export const joinScenarios: readonly Scenario[] = [
  {
    number: 16,
    name: 'three datasets are one contact once the one that knows both keys is read',
    steps: [run('news', 'em:a News'), run('till', 'no:1 Till'), run('crm', 'no:1 em:a Ann')],
    answers: {
      'em:a': 'crm Ann, news News, till Till',
      'no:1': 'crm Ann, news News, till Till',
      '#1': 'crm Ann, news News, till Till',
      '#2': 'crm Ann, news News, till Till',
    },
  },
  {
    number: 17,
    name: 'three datasets are one contact if the one that knows both keys is read first',
    steps: [run('crm', 'no:1 em:a Ann'), run('news', 'em:a News'), run('till', 'no:1 Till')],
    answers: { 'em:a': 'crm Ann, news News, till Till', 'no:1': 'crm Ann, news News, till Till' },
  },
  {
    number: 18,
    name: 'two rows stay joined when one gives up the e-mail that joined them',
    steps: [
      run('shop', 'user:7 em:a Shop'),
      run('crm', 'no:1 em:a Ann'),
      run('crm', 'no:1 em:n Ann'),
    ],
    answers: {
      'no:1': 'crm Ann, shop Shop',
      'user:7': 'crm Ann, shop Shop',
      'em:a': 'crm Ann, shop Shop',
      'em:n': 'crm Ann, shop Shop',
    },
  },
  {
    number: 19,
    name: 'two rows stay joined when the e-mail that joined them goes to another customer',
    steps: [
      run('shop', 'user:7 em:a Shop'),
      run('crm', 'no:1 em:a Ann'),
      run('crm', 'no:1 em:n Ann', 'no:3 em:a Else'),
    ],
    answers: { 'user:7': 'crm Ann, shop Shop', 'em:a': 'crm Else', 'no:1': 'crm Ann, shop Shop' },
  },
  {
    number: 20,
    name: 'a newsletter that is keyed by an e-mail follows it to the other customer',
    steps: [
      run('news', 'em:a News'),
      run('crm', 'no:1 em:a Ann'),
      run('crm', 'no:1 em:n Ann', 'no:3 em:a Else'),
    ],
    answers: { 'em:a': 'crm Else, news News', 'no:1': 'crm Ann' },
  },
  {
    name: 'an old join does not answer for an e-mail that two other customers contest',
    steps: [
      run('news', 'em:a News'),
      run('crm', 'no:1 em:a Ann'),
      run('crm', 'no:1 em:n Ann', 'no:3 em:a C', 'no:4 em:a D'),
    ],
    answers: { 'em:a': 'news News', 'no:1': 'crm Ann' },
  },
  {
    number: 21,
    name: 'a rollback parts what its run joined',
    steps: [run('shop', 'user:7 em:a Shop'), run('crm', 'no:1 em:a Ann'), rollBack('crm')],
    answers: { 'em:a': 'shop Shop', 'no:1': '404', 'user:7': 'shop Shop' },
  },
  {
    number: 23,
    name: 'rows with different stable values stay apart, and the newer claim has the e-mail',
    settings: stableSettings,
    steps: [run('crm', 'no:1 em:a Ann'), run('crm2', 'no:2 em:a Two')],
    answers: { 'em:a': 'crm2 Two', 'no:1': 'crm Ann', 'no:2': 'crm2 Two' },
  },
  {
    number: 24,
    name: 'the trusted dataset has the e-mail, although its claim is older',
    settings: { ...stableSettings, trust: ['crm'] },
    steps: [run('crm', 'no:1 em:a Ann'), run('crm2', 'no:2 em:a Two')],
    answers: { 'em:a': 'crm Ann', 'no:2': 'crm2 Two' },
  },
  {
    number: 25,
    name: 'rows of two datasets with one e-mail are one contact if no type is stable',
    steps: [run('crm', 'no:1 em:a Ann'), run('crm2', 'no:2 em:a Two')],
    answers: { 'em:a': 'crm Ann, crm2 Two', 'no:1': 'crm Ann, crm2 Two' },
  },
  {
    number: 27,
    name: 'a merge joins two rows of one dataset',
    steps: [run('crm', 'no:1 em:a Ann', 'no:2 em:b Anna'), merge('no:1', 'no:2')],
    answers: { 'em:a': 'crm Ann', 'em:b': 'crm Ann', '#2': 'crm Ann' },
  },
  {
    number: 28,
    name: 'of two merged rows of one dataset the newest answers',
    steps: [
      run('crm', 'no:1 em:a Ann', 'no:2 em:b Anna'),
      merge('no:1', 'no:2'),
      run('crm', 'no:1 em:a Ann', 'no:2 em:b New'),
    ],
    answers: { 'em:a': 'crm New', 'no:1': 'crm New' },
  },
  {
    number: 29,
    name: 'an unmerge parts two rows, and nothing is lost',
    steps: [run('crm', 'no:1 em:a Ann', 'no:2 em:b Anna'), merge('no:1', 'no:2'), unmerge()],
    answers: { 'em:a': 'crm Ann', 'em:b': 'crm Anna', '#2': 'crm Anna' },
  },
  {
    number: 30,
    name: 'a merge of two stable values is refused',
    settings: stableSettings,
    steps: [
      run('crm', 'no:1 em:a Ann', 'no:2 em:b Bob'),
      refusedMerge('em:a', 'em:b', 'identity_conflict'),
    ],
    answers: { 'em:a': 'crm Ann', 'em:b': 'crm Bob' },
  },
  {
    name: 'a merge joins all keys of both sides',
    steps: [
      run('crm', 'em:0x One', 'em:2x Two'),
      run('shop', 'user:3 em:2x Shop'),
      merge('em:0x', 'em:2x'),
    ],
    answers: {
      'em:0x': 'crm One, shop Shop',
      'em:2x': 'crm One, shop Shop',
      'user:3': 'crm One, shop Shop',
    },
  },
  {
    number: 31,
    name: 'a row of an identity dataset joins the keys that it names',
    steps: [
      run('shop', 'user:7 em:s Shop'),
      run('crm', 'no:1 em:a Ann'),
      push('same', 'no:1 user:7'),
    ],
    answers: { 'em:s': 'crm Ann, shop Shop', 'no:1': 'crm Ann, shop Shop' },
  },
  {
    number: 32,
    name: 'a split lasts after the next run of the same rows',
    steps: [
      run('shop', 'user:7 em:a Shop'),
      run('crm', 'no:1 em:a Ann'),
      split('user:7'),
      run('crm', 'no:1 em:a Ann'),
    ],
    answers: { 'user:7': 'shop Shop', 'no:1': 'crm Ann', 'em:a': 'crm Ann' },
  },
  {
    name: 'a split leaves alone what was split off before, although a merge named both',
    steps: [
      run('crm', 'no:1 em:a Ann'),
      run('shop', 'user:7 em:b Shop'),
      run('news', 'em:c News'),
      merge('no:1', 'em:c'),
      merge('user:7', 'em:c'),
      split('no:1'),
      split('em:c'),
    ],
    answers: { 'no:1': 'crm Ann', 'em:a': 'crm Ann', 'user:7': 'shop Shop', 'em:c': 'news News' },
  },
  {
    number: 34,
    name: 'a contact id stays with the rows that are left when its founder goes',
    steps: [run('crm', 'no:1 em:a Ann'), run('shop', 'user:7 em:a Shop'), run('crm')],
    answers: { 'no:1': '404', 'em:a': 'shop Shop', '#1': 'shop Shop' },
  },
  {
    number: 35,
    name: 'an e-mail that too many rows of one dataset claim joins nobody',
    steps: [
      run('crm', 'no:9 em:info Nine'),
      run('shop', 'user:1 em:info A', 'user:2 em:info B', 'user:3 em:info C', 'user:4 em:info D'),
    ],
    answers: { 'em:info': '404', 'no:9': 'crm Nine', 'user:1': 'shop A' },
  },
  {
    name: 'an e-mail that too many rows of an append dataset claim joins nobody',
    steps: [
      run('log', 'no:1 em:i One'),
      run('log', 'no:2 em:i Two'),
      run('log', 'no:3 em:i Three'),
      run('log', 'no:4 em:i Four'),
    ],
    answers: { 'em:i': '404', 'no:4': 'log Four' },
  },
  {
    name: 'a backup that is put back has the joins and the contact ids of its time',
    steps: [
      run('shop', 'user:7 em:a Shop'),
      run('crm', 'no:1 em:a Ann'),
      backUp(),
      split('user:7'),
      run('crm', 'no:1 em:b Ann', 'no:3 em:a Else'),
      restore(),
      run('crm', 'no:1 em:n Ann'),
    ],
    answers: {
      'user:7': 'crm Ann, shop Shop',
      'em:n': 'crm Ann, shop Shop',
      'em:b': '404',
      'no:3': '404',
      '#1': 'crm Ann, shop Shop',
    },
  },
  {
    name: 'a value of a type that does not join leads to its row',
    steps: [run('tel', 'user:1 ph:5 A'), run('tel', 'user:1 ph:5 A', 'user:2 ph:6 B')],
    answers: { 'ph:5': 'tel A', 'ph:6': 'tel B' },
  },
  {
    name: 'a dataset that is removed leaves the rows of the others',
    steps: [run('crm', 'no:1 em:a Ann'), run('news', 'em:a News'), run('news')],
    answers: { 'em:a': 'crm Ann', 'no:1': 'crm Ann' },
  },
  {
    name: 'a claim that would give a contact too many identities of one type has no effect',
    settings: {
      ...usualSettings,
      types: usualSettings.types.map((type) => ({ ...type, maxPerContact: 1 })),
    },
    steps: [run('shop', 'user:7 em:a Shop'), push('web', 'user:7 em:b Web')],
    answers: { 'user:7': 'shop Shop, web Web', 'em:a': 'shop Shop, web Web', 'em:b': '404' },
  },
  {
    name: 'an older e-mail of a contact stays, and one that is too many has no effect',
    settings: {
      ...usualSettings,
      types: usualSettings.types.map((type) => ({ ...type, maxPerContact: 2 })),
    },
    steps: [
      push('same', 'no:1 user:7'),
      push('web', 'no:1 em:d Web'),
      run('shop', 'user:7 em:c Shop'),
      run('crm', 'no:1 em:a Ann'),
      run('crm2', 'no:1 em:b Anna'),
      // What was pushed before stays, also if it is pushed again.
      push('web', 'no:1 em:d Web'),
      run('crm', 'no:1 em:a Ann'),
    ],
    answers: {
      'em:c': 'crm Ann, shop Shop, crm2 Anna, web Web',
      'em:d': 'crm Ann, shop Shop, crm2 Anna, web Web',
      'em:a': '404',
      'em:b': '404',
    },
  },
  {
    name: 'a row that returns is not joined again with a contact that others parted it from',
    steps: [
      run('imp', 'em:a user:7 A'),
      run('shop', 'user:7 Shop'),
      run('shop'),
      run('imp', 'em:a A', 'em:b user:7 B'),
      run('imp', 'em:a A', 'em:b B'),
      run('shop', 'user:7 Shop'),
    ],
    answers: { 'user:7': 'shop Shop', 'em:a': 'imp A', 'em:b': 'imp B' },
  },
  {
    name: 'a join of an unfinished run is not remembered because another run parts it for a moment',
    settings: {
      ...settingsWithLinks,
      types: usualSettings.types.map((type) => ({ ...type, maxPerContact: 2 })),
    },
    steps: [
      run('shop', 'user:7 em:a Shop'),
      push('web', 'no:1 em:n Web'),
      run('crm', 'no:2 em:a Two'),
      runKilledAfterFirst('news', 'em:n News'),
      // With the first row alone, `em:n` would be one e-mail too many.
      runKilledAfterFirst('same', 'no:1 user:7 em:b', 'no:2 em:c'),
      run('same', 'no:1 user:7 em:b', 'no:2 em:c'),
      push('web', 'no:1 em:null Web'),
    ],
    answers: { 'em:n': 'news News', 'no:1': 'shop Shop, web Web' },
  },
  {
    name: 'a run that joins what was parted before it is rolled back, also beside an unfinished run',
    settings: { ...settingsWithLinks, sharedLimit: 1 },
    steps: [
      runKilledAfterFirst('crm', 'no:1 em:a Ann'),
      push('web', 'user:7 em:a Web'),
      push('web', 'user:8 em:a Other'),
      run('same', 'no:1 user:7'),
      rollBack('same'),
    ],
    answers: { 'no:1': 'crm Ann', 'user:7': 'web Web' },
  },
  {
    name: 'a join of an attempt that was given up is forgotten with the rollback of the run',
    steps: [
      run('news', 'em:a News'),
      runKilledAfterFirst('log', 'no:1 em:a Log', 'no:2 Two'),
      run('log', 'no:3 Three'),
      rollBack('log'),
      push('web', 'no:1 Web'),
    ],
    answers: { 'em:a': 'news News', 'no:1': 'web Web' },
  },
  {
    name: 'what a rollback joins on its way from one attempt to the one before is forgotten',
    steps: [
      run('shop', 'user:7 em:a Shop'),
      runKilledAfterFirst('log', 'no:1 em:a Log', 'no:2 Two'),
      run('log', 'no:1 em:b Log', 'no:2 Two'),
      rollBack('log'),
      push('web', 'no:1 Web'),
    ],
    answers: { 'em:a': 'shop Shop', 'user:7': 'shop Shop', 'no:1': 'web Web', 'no:2': '404' },
  },
  {
    name: 'parting everything that a dataset joined leaves out a join that others ended before',
    settings: { ...stableSettings, datasets: settingsWithLinks.datasets },
    steps: [
      run('same', 'no:1 em:a'),
      run('news', 'em:a News'),
      run('same', 'no:1 em:a', 'no:2 em:a'),
      part('news'),
    ],
    // With a bar between `no:1` and `em:a`, the address would belong to `no:2` alone.
    answers: { 'em:a': 'news News', 'no:1': '404', 'no:2': '404' },
  },
];
