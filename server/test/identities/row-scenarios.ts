/** Scenarios about rows: gone, moved, shared, pushed, refused. */
import {
  backUp,
  erase,
  merge,
  push,
  restore,
  rollBack,
  run,
  runKilledAfterFirst,
  type Scenario,
  split,
  stableSettings,
  usualSettings,
  wait,
} from './scenario.ts';

/** A contact has one e-mail. */
const oneEmail = {
  ...usualSettings,
  types: usualSettings.types.map((it) => (it.name === 'em' ? { ...it, maxPerContact: 1 } : it)),
};

export const rowScenarios: readonly Scenario[] = [
  {
    number: 1,
    name: 'a row that is gone from a snapshot answers 404',
    steps: [run('crm', 'no:1 em:a Ann', 'no:2 em:b Bob'), run('crm', 'no:2 em:b Bob')],
    answers: { 'no:1': '404', 'em:a': '404', 'em:b': 'crm Bob' },
  },
  {
    number: 2,
    name: 'a row that is back within 30 days has its contact id again',
    steps: [run('crm', 'no:1 em:a Ann'), run('crm'), wait(20), run('crm', 'no:1 em:a Ann')],
    answers: { 'no:1': 'crm Ann', '#1': 'crm Ann' },
  },
  {
    name: 'a row that is back after 30 days has a new contact id',
    steps: [run('crm', 'no:1 em:a Ann'), run('crm'), wait(40), run('crm', 'no:1 em:a Ann')],
    answers: { 'no:1': 'crm Ann', '#1': '404', '#2': 'crm Ann' },
  },
  {
    number: 3,
    name: 'an e-mail moves to a new customer',
    steps: [run('crm', 'no:1 em:d Dorothy'), run('crm', 'no:1 em:n Dorothy', 'no:3 em:d Else')],
    answers: {
      'no:1': 'crm Dorothy',
      'em:n': 'crm Dorothy',
      'em:d': 'crm Else',
      'no:3': 'crm Else',
    },
  },
  {
    number: 4,
    name: 'an e-mail leads nowhere while a killed run has only its new customer applied',
    steps: [
      run('crm', 'no:1 em:d Dorothy'),
      runKilledAfterFirst('crm', 'no:3 em:d Else', 'no:1 em:n Dorothy'),
    ],
    answers: { 'no:1': 'crm Dorothy', 'em:d': '404', 'no:3': 'crm Else' },
  },
  {
    name: 'a run that was killed is resumed, and the e-mail leads to its new customer',
    steps: [
      run('crm', 'no:1 em:d Dorothy'),
      runKilledAfterFirst('crm', 'no:3 em:d Else', 'no:1 em:n Dorothy'),
      run('crm', 'no:3 em:d Else', 'no:1 em:n Dorothy'),
    ],
    answers: { 'no:1': 'crm Dorothy', 'em:d': 'crm Else', 'no:3': 'crm Else' },
  },
  {
    number: 5,
    name: 'two customers swap their e-mails',
    steps: [
      run('crm', 'no:1 em:a Ann', 'no:2 em:b Bob'),
      run('crm', 'no:1 em:b Ann', 'no:2 em:a Bob'),
    ],
    answers: { 'em:a': 'crm Bob', 'em:b': 'crm Ann', 'no:1': 'crm Ann' },
  },
  {
    number: 6,
    name: 'three customers rotate their e-mails',
    steps: [
      run('crm', 'no:1 em:a A', 'no:2 em:b B', 'no:3 em:c C'),
      run('crm', 'no:1 em:b A', 'no:2 em:c B', 'no:3 em:a C'),
    ],
    answers: { 'em:a': 'crm C', 'em:b': 'crm A', 'em:c': 'crm B' },
  },
  {
    number: 7,
    name: 'a user id goes to another e-mail, where the e-mail is the key',
    steps: [
      run('imp', 'em:cy user:3 Cy', 'em:bob user:2 Bob'),
      run('imp', 'em:dora user:3 Dora', 'em:bob user:2 Bob'),
    ],
    answers: { 'em:cy': '404', 'em:dora': 'imp Dora', 'user:3': 'imp Dora', 'em:bob': 'imp Bob' },
  },
  {
    name: 'two users swap their e-mails, where the e-mail is the key',
    steps: [
      run('imp', 'em:dora user:3 Dora', 'em:bob user:2 Bob'),
      run('imp', 'em:dora user:2 Bob', 'em:bob user:3 Dora'),
    ],
    answers: {
      'em:dora': 'imp Bob',
      'user:2': 'imp Bob',
      'em:bob': 'imp Dora',
      'user:3': 'imp Dora',
    },
  },
  {
    number: 8,
    name: 'an e-mail that two rows of one snapshot share leads nowhere',
    steps: [run('crm', 'no:1 em:f Dad', 'no:2 em:f Mum')],
    answers: { 'no:1': 'crm Dad', 'no:2': 'crm Mum', 'em:f': '404' },
  },
  {
    number: 9,
    name: 'a shared e-mail leads to the one that is left once the other has its own',
    steps: [
      run('crm', 'no:1 em:f Dad', 'no:2 em:f Mum'),
      run('crm', 'no:1 em:f Dad', 'no:2 em:m Mum'),
    ],
    answers: { 'em:f': 'crm Dad', 'em:m': 'crm Mum' },
  },
  {
    number: 10,
    name: 'a shared e-mail leads to the newsletter that is keyed by it',
    steps: [run('news', 'em:f News'), run('crm', 'no:1 em:f Dad', 'no:2 em:f Mum')],
    answers: { 'em:f': 'news News', 'no:1': 'crm Dad' },
  },
  {
    number: 11,
    name: 'an e-mail that two runs of an append dataset claim leads to the row of the later run',
    steps: [run('log', 'no:1 em:f Dad'), run('log', 'no:2 em:f Mum')],
    answers: { 'em:f': 'log Mum', 'no:1': 'log Dad' },
  },
  {
    name: 'an e-mail that two rows of one run of an append dataset share leads nowhere',
    steps: [run('log', 'no:1 em:f Dad', 'no:2 em:f Mum')],
    answers: { 'em:f': '404', 'no:1': 'log Dad' },
  },
  {
    number: 12,
    name: 'an e-mail that several pushes name leads to the row of the last one',
    steps: [
      push('web', 'no:1 em:f Dad'),
      push('web', 'no:2 em:f Mum'),
      push('web', 'no:1 em:f Dad'),
    ],
    answers: { 'em:f': 'web Dad', 'no:2': 'web Mum' },
  },
  {
    number: 13,
    name: 'a patch without the e-mail keeps it',
    steps: [push('web', 'no:1 em:a Ann'), push('web', 'no:1 Anna')],
    answers: { 'em:a': 'web Anna' },
  },
  {
    number: 14,
    name: 'a patch that sets the e-mail to null lets it go',
    steps: [push('web', 'no:1 em:a Ann'), push('web', 'no:1 em:null Ann')],
    answers: { 'em:a': '404', 'no:1': 'web Ann' },
  },
  {
    number: 15,
    name: 'a row that was known by its e-mail takes the customer number as its key',
    steps: [push('web', 'em:a Lead'), push('web', 'no:1 em:a Ann')],
    answers: { 'em:a': 'web Ann', 'no:1': 'web Ann', '#1': 'web Ann' },
  },
  {
    number: 26,
    name: 'a row whose stable value changes is another contact',
    settings: stableSettings,
    steps: [run('crm', 'no:1 em:a Ann'), run('crm', 'no:9 em:a Ann')],
    answers: { 'no:1': '404', 'no:9': 'crm Ann', 'em:a': 'crm Ann', '#1': '404' },
  },
  {
    number: 33,
    name: 'a split parts an e-mail from the key of its row',
    steps: [run('crm', 'no:1 em:a Ann'), split('em:a')],
    answers: { 'em:a': '404', 'no:1': 'crm Ann' },
  },
  {
    name: 'a run of another dataset stays when the run before it is rolled back',
    steps: [
      run('crm', 'no:1 em:a Ann'),
      run('crm', 'no:1 em:n Ann', 'no:3 em:a Else'),
      run('news', 'em:a News'),
      rollBack('crm'),
    ],
    answers: { 'em:a': 'crm Ann, news News', 'em:n': '404', 'no:3': '404' },
  },
  {
    number: 22,
    name: 'a rollback gives back the e-mails that a run moved',
    steps: [
      run('crm', 'no:1 em:a Ann', 'no:2 em:b Bob'),
      run('crm', 'no:1 em:b Ann', 'no:3 em:a New'),
      rollBack('crm'),
    ],
    answers: { 'em:a': 'crm Ann', 'em:b': 'crm Bob', 'no:2': 'crm Bob', 'no:3': '404' },
  },
  {
    number: 36,
    name: 'a contact that was erased does not come back with an older backup',
    steps: [run('crm', 'no:1 em:a Ann', 'no:2 em:b Bob'), backUp(), erase('no:1'), restore()],
    answers: { 'no:1': '404', 'em:a': '404', 'em:b': 'crm Bob' },
  },
  {
    number: 37,
    name: 'rows that share a blocked value are not joined',
    steps: [run('shop', 'user:0 em:a A', 'user:0 em:b B')],
    answers: { 'user:0': '404', 'em:a': 'shop A', 'em:b': 'shop B' },
  },
  {
    number: 38,
    name: 'a contact that was erased does not come back under another number',
    steps: [
      run('crm', 'no:1 em:a Ann', 'no:2 em:b Bob'),
      erase('em:a'),
      run('crm', 'no:1 em:a Ann', 'no:9 em:a Ann', 'no:2 em:b Bob'),
    ],
    answers: { 'no:1': '404', 'no:9': '404', 'em:a': '404', 'em:b': 'crm Bob' },
  },
  {
    number: 39,
    name: 'an erasure leaves the other one who shares the e-mail',
    steps: [run('crm', 'no:1 em:f Dad', 'no:2 em:f Mum'), erase('no:1')],
    answers: { 'no:1': '404', 'em:f': 'crm Mum', 'no:2': 'crm Mum' },
  },
  {
    name: 'an erasure takes an e-mail that only rows of the person name, over the limit',
    settings: oneEmail,
    steps: [
      run('crm', 'no:1 em:a Ann'),
      run('crm2', 'no:1 em:b Ann'),
      erase('no:1'),
      run('shop', 'user:9 em:b Ann'),
    ],
    answers: { 'no:1': '404', 'em:b': '404', 'user:9': '404' },
  },
  {
    name: 'an erasure leaves an e-mail over the limit that a row of somebody else names',
    settings: { ...oneEmail, trust: ['crm'] },
    steps: [
      run('crm', 'no:1 em:a Ann'),
      run('crm2', 'no:1 em:b Ann'),
      run('shop', 'user:9 em:b Bob'),
      erase('no:1'),
    ],
    answers: { 'no:1': '404', 'em:b': 'shop Bob', 'user:9': 'shop Bob' },
  },
  {
    name: 'an erasure leaves an e-mail that a person parted from the contact',
    steps: [
      run('crm', 'no:1 em:a Ann'),
      split('em:a'),
      erase('no:1'),
      run('shop', 'user:9 em:a Else'),
    ],
    answers: { 'no:1': '404', 'em:a': 'shop Else' },
  },
  {
    name: 'an erasure leaves a number that was joined with somebody else later',
    steps: [
      run('crm', 'no:3 em:z Zoe', 'no:1 em:a Ann'),
      merge('no:1', 'no:3'),
      run('shop', 'user:7 em:z Zoe'),
      run('crm'),
      erase('no:1'),
      run('crm', 'no:3 em:z Zoe', 'no:1 em:a Ann'),
    ],
    answers: { 'no:1': '404', 'em:a': '404', 'no:3': 'crm Zoe, shop Zoe' },
  },
  {
    name: 'a kept row is applied again, without the e-mail of the erased contact',
    settings: { ...stableSettings, trust: ['crm'] },
    steps: [
      run('crm', 'no:1 em:f Dad'),
      run('crm2', 'no:2 em:f Mum'),
      erase('no:1'),
      run('crm2'),
      run('crm2', 'no:2 em:f Mum'),
    ],
    answers: { 'no:1': '404', 'em:f': '404', 'no:2': 'crm2 Mum' },
  },
  {
    name: 'a row that gets a stronger key is applied without the e-mail of an erased contact',
    steps: [
      run('crm', 'no:1 em:a Ann'),
      push('web', 'user:5 Bob'),
      erase('no:1'),
      push('web', 'no:9 user:5 em:a Rob'),
    ],
    answers: { 'no:9': 'web Rob', 'user:5': 'web Rob', 'em:a': '404', 'no:8': '404' },
  },
  {
    name: 'a kept row that is erased itself does not come back',
    settings: { ...stableSettings, trust: ['crm'] },
    steps: [
      run('crm', 'no:1 em:f Dad'),
      run('crm2', 'no:2 em:f Mum'),
      erase('no:1'),
      erase('no:2'),
      run('crm2', 'no:2 em:f Mum'),
    ],
    answers: { 'no:1': '404', 'em:f': '404', 'no:2': '404' },
  },
  {
    name: 'a rollback after an erasure keeps a row that once named the erased e-mail',
    steps: [
      run('crm', 'no:1 em:a Ann'),
      run('crm', 'no:1 em:b Ann', 'no:3 em:a Else'),
      erase('no:3'),
      rollBack('crm'),
    ],
    answers: { 'no:1': 'crm Ann', 'no:3': '404', 'em:a': '404', 'em:b': '404' },
  },
  {
    name: 'a person whose row is gone is erased from what a rollback would put back',
    steps: [
      run('crm', 'no:1 em:a Ann', 'no:2 em:b Bob'),
      run('crm', 'no:2 em:b Bob'),
      erase('em:a'),
      rollBack('crm'),
      run('crm', 'no:1 em:c Ann', 'no:2 em:b Bob'),
    ],
    answers: { 'no:1': '404', 'em:a': '404', 'em:c': '404', 'em:b': 'crm Bob' },
  },
];
