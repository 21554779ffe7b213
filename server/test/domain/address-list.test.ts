/**
 * Lists of client addresses: which texts are networks, and which IPv4 and IPv6 addresses they
 * contain.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cidrHolds,
  compileAddressList,
  normaliseCidr,
  plainAddress,
} from '../../src/domain/token/address-list.ts';

const networks: readonly (readonly [string, string | undefined])[] = [
  [' 10.0.0.0/8\t', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['192.0.2.1', '192.0.2.1/32'],
  ['192.0.2.1/32', '192.0.2.1/32'],
  ['192.0.2.1/33', undefined],
  ['192.0.2.1/032', undefined],
  ['192.0.2.1/', undefined],
  ['192.0.2.1/-1', undefined],
  ['192.0.2.1/8/8', undefined],
  ['x192.0.2.1', undefined],
  ['192.0.2.256', undefined],
  ['::', '::/128'],
  ['::/0', '::/0'],
  ['2001:DB8::/32', '2001:DB8::/32'],
  ['2001:db8::1/128', '2001:db8::1/128'],
  ['2001:db8::1/129', undefined],
  ['2001:db8::1/100', '2001:db8::1/100'],
  ['2001:db8::1%eth0', undefined],
  ['0000:0000:0000:0000:0000:ffff:192.168.100.200', '192.168.100.200/32'],
  ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ['::ffff:0.0.0.0/96', '0.0.0.0/0'],
  ['::ffff:10.0.0.0/95', undefined],
  ['::FFFF:a00:1', '10.0.0.1/32'],
  ['', undefined],
  ['localhost', undefined],
];

for (const [text, expected] of networks) {
  test(`the network ${JSON.stringify(text)} is ${expected ?? 'refused'}`, () => {
    assert.equal(normaliseCidr(text), expected);
  });
}

const holding: readonly (readonly [string, string, boolean])[] = [
  ['10.0.0.0/8', '10.1.0.0/16', true],
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.0.0.0/8', '10.0.0.0/7', false],
  ['10.0.0.0/8', '11.0.0.0/16', false],
  ['10.1.0.0/16', '10.0.0.0/8', false],
  ['0.0.0.0/0', '::/0', false],
  ['::/0', '10.0.0.0/8', false],
  ['2001:db8::/32', '2001:db8:1::/48', true],
  ['2001:db8::/32', '2001:db9::/48', false],
  ['2001:db8::/32', '2001:db8::/31', false],
  ['10.0.0.0/8', '::ffff:10.1.0.0/112', true],
  ['::ffff:10.0.0.0/104', '10.1.0.0/16', true],
  ['nothing', '10.1.0.0/16', false],
  ['10.0.0.0/8', 'nothing', false],
];

for (const [outer, inner, holds] of holding) {
  test(`${outer} ${holds ? 'holds' : 'does not hold'} ${inner}`, () => {
    assert.equal(cidrHolds(outer, inner), holds);
  });
}

const lists: readonly (readonly [string, string, boolean])[] = [
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.0/24', '::ffff:192.0.2.1', true],
  ['192.0.2.0/24', '::FFFF:192.0.2.1', true],
  ['192.0.2.0/24', '::ffff:c000:201', true],
  ['192.0.2.0/24', '::ffff:c000:301', false],
  ['192.0.2.0/24', '0:0:0:0:0:ffff:192.0.2.1', true],
  ['192.0.2.0/24', '::192.0.2.1', false],
  ['192.0.2.0/24', '2001::ffff:c000:201', false],
  ['192.0.2.0/24', '::ffff:c000:201:1', false],
  ['192.0.2.0/24', '192.0.2.1x', false],
  ['::ffff:192.0.2.0/120', '192.0.2.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['::/0', '192.0.2.1', false],
  ['2001:db8::/32', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', true],
  ['2001:db8::/32', '2001:DB8::A', true],
  ['2001:db8::/32', '2001:db9::', false],
  ['2001:db8::/64', '2001:db8:0:1::', false],
  ['2001:db8::5/128', '2001:db8::5', true],
  ['2001:db8::5/128', '2001:db8::6', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['not a network', '192.0.2.1', false],
  ['192.0.2.0/24', 'not an address', false],
  ['192.0.2.0/24', '', false],
];

for (const [cidr, address, allowed] of lists) {
  test(`a list of ${cidr} ${allowed ? 'allows' : 'refuses'} ${JSON.stringify(address)}`, () => {
    assert.equal(compileAddressList([cidr])(address), allowed);
    assert.equal(compileAddressList(['203.0.113.0/24', cidr])(address), allowed);
  });
}

test('an empty list allows nothing, and a missing list allows everything', () => {
  assert.equal(compileAddressList([])('192.0.2.1'), false);
  assert.equal(compileAddressList(null)('192.0.2.1'), true);
  assert.equal(compileAddressList(null)('anything'), true);
});

const plain: readonly (readonly [string, string])[] = [
  ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8::1%eth0', '2001:db8::1'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::ffff:ff01:80fe', '255.1.128.254'],
  ['::ffff:1.2.3.4%eth0', '1.2.3.4'],
  ['::1', '::1'],
  ['1::ffff:1:2', '1::ffff:1:2'],
  ['::ffff:1:2:3', '::ffff:1:2:3'],
  ['1:ffff:1:1::', '1:ffff:1:1::'],
  ['1.2.3.4', '1.2.3.4'],
  ['1.2.3.4%eth0', '1.2.3.4%eth0'],
  [`::1%${'x'.repeat(60)}`, '::1'],
  [`::1%${'x'.repeat(61)}`, `::1%${'x'.repeat(61)}`],
  ['unknown', 'unknown'],
];

for (const [text, expected] of plain) {
  test(`the address ${text.slice(0, 30)} is compared as ${expected.slice(0, 30)}`, () => {
    assert.equal(plainAddress(text), expected);
  });
}
